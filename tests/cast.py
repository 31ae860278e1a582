"""The people whom everybody knows: alice and bob share a team, carol is in another."""

from uuid import uuid4

import pytest

from conversations.chat import turns
from conversations.models import Conversation, Deployment, Endpoint, Membership, Team, User


def person(username: str, team: str) -> User:
    user = User.objects.create_user(username, password="not-used-here", first_name=username.title())
    Membership.objects.create(team=Team.objects.get_or_create(name=team)[0], user=user)
    return user


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", "Research")


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", "Research")


@pytest.fixture
def carol(db: None) -> User:
    return person("carol", "Field")


@pytest.fixture
def deployment(db: None) -> Deployment:
    """On an endpoint where nothing listens."""
    endpoint = Endpoint.objects.create(
        name="test",
        kind="azure_v1",
        base_url="http://127.0.0.1:9/openai/v1/",
        auth="env",
        key_name="AZURE_OPENAI_API_KEY",
    )
    return Deployment.objects.create(
        endpoint=endpoint, name="gpt-5.1", title="GPT-5.1", input_price=1, output_price=10
    )


@pytest.fixture
def conversation(alice: User, deployment: Deployment) -> Conversation:
    return turns.start_conversation(alice, client_key=uuid4())[0]

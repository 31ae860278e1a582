"""What the chat page begins with."""

from conversations.models import Conversation, Deployment, User
from conversations.pages.views import bootstrap


def test_a_deployment_that_was_switched_off_stays_in_its_conversations(
    alice: User, conversation: Conversation
) -> None:
    other = Deployment.objects.create(endpoint=conversation.deployment.endpoint, name="b", title="B")
    Deployment.objects.filter(pk=conversation.deployment_id).update(enabled=False)
    conversation.running = conversation.asks = False  # type: ignore[attr-defined]  # as the page's query tells
    shown = [one["id"] for one in bootstrap(alice, conversation)["deployments"]]
    assert shown == [conversation.deployment_id, other.pk]
    assert [one["id"] for one in bootstrap(alice, None)["deployments"]] == [other.pk]

"""Reading what others wrote takes a reason, lasts a while, and leaves entries."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.chat import turns
from conversations.models import AuditEntry, Conversation, ReadGrant, Response, Team, User
from conversations.models.audit import Action
from conversations.models.people import Role
from conversations.people import audit, grants

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def audrey() -> User:
    return User.objects.create_user("audrey", role=Role.AUDITOR)


@pytest.fixture
def response(alice: User, conversation: Conversation) -> Response:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Go", tip=None)
    return turn.responses.get()


def entries(action: Action) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("number"))


def test_a_reason_opens_the_whole_conversation_for_a_while(audrey: User, response: Response) -> None:
    assert not grants.may_read(audrey, response)
    row = grants.grant(audrey, response, "  A complaint ", actor=audit.person(audrey))
    assert (row.conversation, row.response, row.reason) == (response.conversation, None, "A complaint")
    assert row.until - row.granted_at == timedelta(minutes=30)
    assert grants.may_read(audrey, response)
    (entry,) = entries(Action.GRANT_MADE)
    assert (entry.reason, entry.actor_id, entry.team_id) == ("A complaint", audrey.pk, response.team_id)
    assert list(grants.grants_of(row.conversation or Conversation())) == [row]


def test_it_ends(audrey: User, response: Response, settings: Settings) -> None:
    settings.READ_GRANT_MINUTES = 5
    row = grants.grant(audrey, response, "A complaint", actor=audit.person(audrey))
    ReadGrant.objects.filter(pk=row.pk).update(
        granted_at=clock.now() - timedelta(minutes=5), until=clock.now()
    )
    assert not grants.may_read(audrey, response)


def test_it_opens_nothing_to_others(audrey: User, bob: User, response: Response) -> None:
    grants.grant(audrey, response, "A complaint", actor=audit.person(audrey))
    other = User.objects.create_user("olga", role=Role.OPERATOR)
    assert not grants.may_read(other, response)
    assert not grants.may_read(bob, response)


def test_no_reason_no_grant(audrey: User, response: Response) -> None:
    with pytest.raises(grants.NoReason):
        grants.grant(audrey, response, "  ", actor=audit.person(audrey))
    assert not ReadGrant.objects.exists()


def test_members_and_limited_staff_get_none_for_what_they_cannot_list(bob: User, response: Response) -> None:
    limited = User.objects.create_user("lim", role=Role.AUDITOR)
    limited.limited_to.add(Team.objects.create(name="Elsewhere"))
    for person in (bob, limited):
        with pytest.raises(grants.NotAtDesk):
            grants.grant(person, response, "A complaint", actor=audit.person(person))
    assert not entries(Action.GRANT_MADE)


def test_own_conversations_need_none(alice: User, response: Response) -> None:
    assert not grants.may_read(alice, response)
    alice.role = Role.OPERATOR
    alice.save()
    assert grants.may_read(alice, response)
    grants.note_reading(alice, response, actor=audit.person(alice))
    assert not entries(Action.CONTENT_READ)


def test_opening_text_is_one_entry_per_grant_and_response(audrey: User, response: Response) -> None:
    for reason in ("First", "Second"):
        row = grants.grant(audrey, response, reason, actor=audit.person(audrey))
        ReadGrant.objects.filter(pk=row.pk).update(until=clock.now() + timedelta(hours=len(reason)))
        for _ in range(3):
            grants.note_reading(audrey, response, actor=audit.person(audrey))
    read = entries(Action.CONTENT_READ)
    assert [entry.reason for entry in read] == ["First", "Second"]
    assert {entry.subject_id for entry in read} == {str(response.pk)}

"""What counts as held, at the borders in time and by every subject."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from conversations import clock
from conversations.chat import turns
from conversations.models import Conversation, Hold, Response, User
from conversations.stored import holds

pytestmark = pytest.mark.django_db


@pytest.fixture
def response(alice: User, conversation: Conversation) -> Response:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Go", tip=None)
    return turn.responses.get()


def hold(by: User, **fields: Any) -> Hold:
    given = {"reason": "A case", "placed_by": by, "starts_at": clock.now() - timedelta(days=1)}
    return Hold.objects.create(**(given | fields))


def held() -> list[Response]:
    return list(Response.objects.filter(holds.is_held()))


@pytest.mark.parametrize("subject", ["person", "team", "conversation", "response"])
def test_a_hold_on_any_subject_holds_the_response(alice: User, response: Response, subject: str) -> None:
    assert held() == []
    placed = hold(alice, **{subject: response if subject == "response" else getattr(response, subject)})
    assert held() == [response]
    assert list(holds.holds_of(response)) == [placed]


def test_one_on_somebody_else_does_not(alice: User, bob: User, response: Response) -> None:
    hold(alice, person=bob)
    assert held() == []
    assert not holds.holds_of(response).exists()


def test_a_hold_that_has_not_begun_or_has_ended_holds_nothing(alice: User, response: Response) -> None:
    now = clock.now()
    hold(alice, response=response, starts_at=now + timedelta(hours=1))
    hold(alice, response=response, ends_at=now - timedelta(seconds=1))
    hold(alice, response=response, lifted_at=now, lifted_by=alice)
    assert held() == []


@pytest.mark.parametrize("fields", [{}, {"person": True, "response": True}], ids=["none", "two"])
def test_a_hold_is_on_exactly_one_thing(alice: User, response: Response, fields: dict[str, bool]) -> None:
    given = {"person": alice, "response": response}
    with pytest.raises(IntegrityError, match="hold_has_one_subject"):
        hold(alice, **{name: given[name] for name in fields})

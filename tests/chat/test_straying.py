"""Attempts of a browser to go where it may not, in the trail."""

import pytest

from conversations import clock
from conversations.chat import straying
from conversations.chat.straying import MOST, Attempts
from conversations.models import AuditEntry, ComputerRun, Conversation
from conversations.tools.browser import Event, Kind
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db

WHY = "It is not on the list of sites that may be visited."


@pytest.fixture
def run(conversation: Conversation) -> ComputerRun:
    turn = add_response(conversation).chat_turn
    where = {"conversation": conversation, "turn": turn, "created_at": clock.now()}
    return ComputerRun.objects.create(tool="computer", start_url="https://shop.example.com/", **where)


def refused(url: str) -> Event:
    return Event(Kind.REFUSED, url, WHY)


def test_a_site_is_one_entry_in_a_task_and_its_path_is_none_of_the_trail(run: ComputerRun) -> None:
    attempts = Attempts(run.pk)
    for url in (
        "https://evil.test:8443/alice/a-secret",
        "https://evil.test:8443/",
        "file:///etc/passwd",
        "data:",
    ):
        attempts.hear(refused(url))
    attempts.hear(Event(Kind.NAVIGATED, "https://shop.example.com/", "A page was opened."))
    straying.note(attempts.run, attempts.take())
    entries = AuditEntry.objects.filter(action="computer_refused", subject_id=str(run.pk)).order_by("number")
    assert [entry.details["site"] for entry in entries] == ["https://evil.test:8443", "file:", "data:"]
    assert {entry.details["why"] for entry in entries} == {WHY}
    attempts.hear(refused("https://evil.test:8443/again"))
    assert attempts.take() == {}


def test_the_next_task_in_the_same_browser_is_told_anew(run: ComputerRun) -> None:
    attempts = Attempts(run.pk)
    attempts.hear(refused("https://evil.test/"))
    attempts.take()
    attempts.begin(run.pk)
    attempts.hear(refused("https://evil.test/"))
    assert attempts.take() == {}
    attempts.begin(run.turn_id)
    attempts.hear(refused("https://evil.test/"))
    assert attempts.take() == {"https://evil.test": WHY}


def test_a_page_that_makes_up_sites_does_not_fill_the_trail(run: ComputerRun) -> None:
    attempts = Attempts(run.pk)
    for number in range(3 * MOST):
        attempts.hear(refused(f"https://{number}.evil.test/"))
    told = attempts.take()
    assert len(told) == MOST + 1
    assert told[""] == straying.TOO_MANY

"""A task in a browser that people pause, or that waits for one of them to do something on a page."""

import pytest
from pytest_django import Settings

from conversations.chat import steering
from conversations.models import Conversation, User
from conversations.people.notices import inbox, wording
from conversations.tools.browser import Hand
from tests.chat.calling import answer, said
from tests.chat.test_computing import (
    allowed,
    carry_out,
    computer_call,
    late_by,
    opened,
    run_of,
    seen,
    task,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures(allowed.__name__)]


def test_a_paused_task_goes_on_when_it_is_resumed(alice: User, conversation: Conversation) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    steering.pause(alice, run_of(turn).pk)
    answer(turn, computer_call(1))
    assert carry_out(browser) is None
    steering.resume(alice, run_of(turn).pk)
    assert carry_out(browser) is not None


def test_a_page_with_a_password_waits_for_a_person_who_may_let_the_model_go_on(
    alice: User, bob: User, conversation: Conversation
) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser, seen(hand=Hand.PASSWORD))
    assert (run_of(turn).state, run_of(turn).told) == ("waits_for_person", "The page asks for a password.")
    (notice,) = inbox.waiting(bob)
    assert wording.words_of(notice).text.startswith("The page asks for a password. A model")
    answer(turn, computer_call(1))
    assert carry_out(browser) is None
    steering.resume(bob, run_of(turn).pk)
    assert (run_of(turn).told, inbox.count(bob)) == ("", 0)
    assert carry_out(browser) is not None


def test_a_task_whose_model_has_answered_waits_for_the_person_it_asked(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    turn = task(alice, conversation)
    carry_out(opened(turn), seen(hand=Hand.PAYMENT))
    answer(turn, said("Please type the card's number."))
    assert run_of(turn).state == "waits_for_person"
    late_by(settings.COMPUTER_WAIT_SECONDS + 1)
    steering.attend()
    assert run_of(turn).reason == "done"


def test_who_writes_instead_of_going_to_the_page_keeps_the_browser(
    alice: User, conversation: Conversation
) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser, seen(hand=Hand.PASSWORD))
    answer(turn, said("Please log in."))
    following = task(alice, conversation, "Look elsewhere")
    assert (run_of(turn).reason, run_of(following).browser) == ("done", browser)


def test_a_task_that_stays_paused_does_not_keep_its_browser_for_ever(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    turn = task(alice, conversation)
    carry_out(opened(turn))
    steering.pause(alice, run_of(turn).pk)
    late_by(settings.COMPUTER_WAIT_SECONDS + 1)
    steering.attend()
    assert run_of(turn).reason == "unattended"

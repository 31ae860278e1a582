"""A browser in a person's hand, on rows: who takes it, what becomes of the model's steps, what is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
import pytest
from pytest_django import Settings

from conversations import bus
from conversations.chat import computer, lending, steering
from conversations.chat.hub import Mailbox
from conversations.chat.refusals import Refusal
from conversations.models import AuditEntry, Conversation, Membership, SafetyCheck, Turn, User
from conversations.people.notices import inbox
from conversations.tools.browser import Hand
from tests.chat.calling import Json, answer, inputs_of, open_round, said
from tests.chat.test_computing import (
    CHECK,
    allowed,
    carry_out,
    computer_call,
    late_by,
    opened,
    run_of,
    seen,
    states_of,
    task,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures(allowed.__name__)]

SECRET = "quay-street-7"
TYPED = [{"type": "type", "text": SECRET}, {"type": "keypress", "keys": ["ENTER"]}]


@pytest.fixture
def turn(alice: User, conversation: Conversation) -> Turn:
    """Of a task whose browser is open."""
    return task(alice, conversation)


@pytest.fixture
def browser(turn: Turn) -> UUID:
    browser = opened(turn)
    carry_out(browser)
    return browser


@contextmanager
def heard_by(browser: UUID) -> Iterator[list[Json]]:
    """What the worker hears of a person's hand."""
    heard: list[Json] = []
    with bus.client().pubsub() as ear:  # type: ignore[no-untyped-call]  # redis has no types for it
        ear.subscribe(bus.hand_channel(browser))
        assert ear.get_message(timeout=30)
        yield heard
        while message := ear.get_message(timeout=0.5):
            heard.append(orjson.loads(message["data"]))


def lent(browser: UUID) -> Any:
    work = computer.next_step(browser)
    assert work is not None
    assert work.step is None
    return work.lent


def steered() -> list[tuple[int | None, Json]]:
    entries = AuditEntry.objects.filter(action="computer_steered").order_by("number")
    return [(entry.actor_id, {**entry.details, "turn": ""}) for entry in entries]


def test_a_person_takes_the_browser_and_gives_it_back(
    alice: User, bob: User, carol: User, turn: Turn, browser: UUID
) -> None:
    run = run_of(turn)
    with pytest.raises(Refusal, match="no such task"):
        lending.take(carol, run.pk)
    lending.take(bob, run.pk)
    assert (run_of(turn).state, run_of(turn).hand_of) == ("person_has_hand", bob)
    assert lent(browser) == run
    with pytest.raises(Refusal, match="not in that state"):
        lending.take(alice, run.pk)
    lending.give(alice, run.pk)
    assert (run_of(turn).state, run_of(turn).hand_of) == ("running", None)
    assert lent(browser) is None
    assert steered() == [
        (bob.pk, {"state": "person_has_hand", "turn": ""}),
        (alice.pk, {"state": "running", "given_back": True, "turn": ""}),
    ]


def test_who_is_asked_for_a_word_may_take_the_browser_instead(
    alice: User, bob: User, turn: Turn, browser: UUID
) -> None:
    answer(turn, computer_call(1, CHECK))
    step, run = run_of(turn).steps.get(number=1), run_of(turn).pk
    lending.take(bob, run)
    assert [inbox.count(user) for user in (alice, bob)] == [0, 0]
    with pytest.raises(Refusal, match="doesn't wait"):
        steering.decide(alice, step.pk, proceed=True)
    assert lent(browser) is not None
    lending.give(alice, run)
    check = SafetyCheck.objects.get()
    assert (check.decision, check.decided_by, states_of(turn)) == ("taken_over", bob, ["done", "queued"])
    carry_out(browser)
    (output,) = inputs_of(open_round(turn))
    assert output["acknowledged_safety_checks"] == [CHECK]


def test_what_the_model_wants_meanwhile_asks_nobody_and_waits(
    alice: User, bob: User, turn: Turn, browser: UUID
) -> None:
    lending.take(bob, run_of(turn).pk)
    answer(turn, computer_call(1, CHECK))
    assert (run_of(turn).state, states_of(turn), inbox.count(alice)) == (
        "person_has_hand",
        ["done", "asks"],
        0,
    )
    lending.give(bob, run_of(turn).pk)
    assert (run_of(turn).state, states_of(turn)) == ("running", ["done", "queued"])


def test_a_task_that_the_model_has_done_meanwhile_ends_when_it_is_given_back(
    bob: User, turn: Turn, browser: UUID
) -> None:
    lending.take(bob, run_of(turn).pk)
    answer(turn, said("Please log in first."))
    assert run_of(turn).state == "person_has_hand"
    lending.give(bob, run_of(turn).pk)
    assert run_of(turn).reason == "done"


def test_only_who_took_it_acts_in_it(alice: User, bob: User, turn: Turn, browser: UUID) -> None:
    run = run_of(turn).pk
    lending.take(bob, run)
    with heard_by(browser) as heard:
        lending.act(bob, run, TYPED)
        lending.act(bob, run, [])
        lending.visit(bob, run, "shop.example.com/cart")
        for user, actions, code in (
            (alice, TYPED, "not_yours"),
            (bob, [{"type": "wait"}], "bad_field"),
            (bob, [{"type": "screenshot"}], "bad_field"),
            (bob, "all", "bad_field"),
        ):
            with pytest.raises(Refusal) as refusal:
                lending.act(user, run, actions)
            assert refusal.value.code == code
    assert heard == [{"actions": TYPED}, {"actions": []}, {"url": "https://shop.example.com/cart"}]
    lending.give(bob, run)
    with pytest.raises(Refusal, match="in hand"):
        lending.act(bob, run, TYPED)


def test_when_who_has_the_hand_is_gone_or_may_not_any_more_others_are_asked(
    alice: User, bob: User, turn: Turn, browser: UUID
) -> None:
    run = run_of(turn).pk
    lending.take(bob, run)
    answer(turn, computer_call(1, CHECK))
    assert lending.still_has(run)
    Membership.objects.filter(user=bob).delete()
    assert not lending.still_has(run)
    assert (run_of(turn).state, run_of(turn).told, states_of(turn)) == (
        "waits_for_person",
        "Bob left without giving the browser back.",
        ["done", "queued"],
    )
    assert steered()[-1] == (None, {"state": "waits_for_person", "left_by": "bob", "turn": ""})
    assert inbox.count(alice) == 1
    steering.resume(alice, run)
    assert run_of(turn).state == "running"


def test_a_browser_that_is_left_in_hand_is_not_kept_for_ever_and_its_time_is_the_persons(
    alice: User, turn: Turn, browser: UUID, settings: Settings
) -> None:
    run = run_of(turn).pk
    lending.take(alice, run)
    late_by(settings.COMPUTER_WAIT_SECONDS + 1)
    lending.is_busy(run)
    steering.attend()
    assert run_of(turn).state == "person_has_hand"
    assert run_of(turn).waited > settings.COMPUTER_WAIT_SECONDS
    late_by(settings.COMPUTER_WAIT_SECONDS + 1)
    steering.attend()
    assert (run_of(turn).reason, run_of(turn).hand_of) == ("unattended", None)


def test_where_a_person_went_is_on_record_and_what_they_typed_is_not(
    alice: User, turn: Turn, browser: UUID
) -> None:
    run = run_of(turn).pk
    lending.take(alice, run)
    lending.act(alice, run, TYPED)
    lending.note_visits(run, ["https://shop.example.com/account", "https://shop.example.com/"])
    lending.give(alice, run)
    assert run_of(turn).steps.get().notes == [
        "Then a person had the browser.",
        "Opened: https://shop.example.com/account",
        "Opened: https://shop.example.com/",
    ]
    assert steered()[1] == (None, {"visited": ["https://shop.example.com"], "turn": ""})
    assert SECRET not in str(list(AuditEntry.objects.values()))
    assert SECRET not in str(list(run_of(turn).steps.values()))


async def test_who_is_slow_is_sent_the_newest_picture_only() -> None:
    mailbox = Mailbox()
    for number in range(3):
        mailbox.put({"type": "computer.seen", "run": "a", "picture": number})
        mailbox.put({"type": "computer.seen", "run": "b", "picture": number})
        mailbox.put({"type": "turn", "number": number})
    got = [await mailbox.get() for _message in range(5)]
    assert [each.get("picture", "turn") for each in got if isinstance(each, dict)] == [2, 2, *["turn"] * 3]
    mailbox.put({"type": "computer.seen", "run": "a", "picture": 3})
    mailbox.put({"type": "computer.seen", "run": "a", "picture": 4, "text": "Welcome"})
    mailbox.put({"type": "computer.seen", "run": "a", "picture": 5})
    assert await mailbox.get() == {"type": "computer.seen", "run": "a", "picture": 5, "text": "Welcome"}


def test_a_page_asks_for_a_person_when_it_comes_and_not_after_each_step_on_it(
    turn: Turn, browser: UUID
) -> None:
    session = computer.Session(None, run_of(turn))  # type: ignore[arg-type]  # no process is asked here
    step = run_of(turn).steps.get()
    hands = [session._asking_once(step, seen(1, hand=Hand.PASSWORD)).hand for _look in range(2)]
    hands.append(session._asking_once(step, seen(2, hand=Hand.PASSWORD)).hand)
    assert hands == [Hand.PASSWORD, Hand.NONE, Hand.PASSWORD]

"""A task in a browser, on rows: its first look, its steps, what people decide, and how it ends."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from pytest_django import Settings

from conversations import clock
from conversations.chat import changes, computer, ledger, steering, turns
from conversations.chat.refusals import Refusal
from conversations.models import (
    AuditEntry,
    ComputerPolicy,
    ComputerRun,
    ComputerStep,
    Conversation,
    Deployment,
    SafetyCheck,
    Turn,
    User,
    Worker,
)
from conversations.models.responses import Status
from conversations.people.notices import inbox, wording
from conversations.tools.browser import Outcome
from tests.chat.calling import Json, answer, claimed, inputs_of, open_round, said, send

pytestmark = pytest.mark.django_db

SITE = "https://shop.example.com/"
CHECK = {"id": "cu_sc_1", "code": "sensitive_domain", "message": "An order is placed."}


@pytest.fixture(autouse=True)
def allowed(conversation: Conversation, deployment: Deployment) -> ComputerPolicy:
    Deployment.objects.filter(pk=deployment.pk).update(name="gpt-5.4")
    return ComputerPolicy.objects.create(
        team=conversation.team, enabled=True, sites="shop.example.com", start_url=SITE, most_steps=3
    )


def task(user: User, conversation: Conversation, text: str = "Buy a lamp") -> Turn:
    return send(user, conversation, text, computer=True)


def picture(shade: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, shade, shade)).save(data, "PNG")
    return data.getvalue()


def seen(number: int = 0, **changed: Any) -> Outcome:
    usual: dict[str, Any] = {"screenshot": picture(number), "url": f"{SITE}{number}", "title": "Shop"}
    return Outcome(**usual | {"pointer": (3, 4)} | changed)


def opened(turn: Turn, worker: UUID | None = None) -> UUID:
    """A worker takes the run up; answers the browser."""
    run = computer.claim(run_of(turn).pk, worker or ledger.register_worker())
    assert run is not None
    assert run.browser is not None
    return run.browser


def carry_out(browser: UUID, outcome: Outcome | None = None) -> ComputerStep | None:
    """As the worker does the next step, if there is one."""
    work = computer.next_step(browser)
    assert work is not None
    if work.step is not None:
        computer.finish(work.step, outcome or seen(work.step.number))
    return work.step


def computer_call(number: int, *checks: Json) -> Json:
    actions = [{"type": "click", "button": "left", "x": number, "y": 2}]
    named = {
        "type": "computer_call",
        "id": f"cu_{number}",
        "call_id": f"call_{number}",
        "status": "completed",
    }
    return {**named, "actions": actions, "pending_safety_checks": list(checks)}


def run_of(turn: Turn) -> ComputerRun:
    return ComputerRun.objects.get(turn=turn)


def late_by(seconds: float) -> None:
    """People are waited for since then."""
    ComputerRun.objects.update(waits_since=clock.now() - timedelta(seconds=seconds))


def states_of(turn: Turn) -> list[str]:
    return list(run_of(turn).steps.order_by("number").values_list("state", flat=True))


def test_a_team_without_a_policy_has_no_browser(
    alice: User, conversation: Conversation, allowed: ComputerPolicy
) -> None:
    ComputerPolicy.objects.update(enabled=False)
    with pytest.raises(Refusal) as refusal:
        task(alice, conversation)
    assert (refusal.value.code, refusal.value.choice) == ("cannot", "computer")


def test_the_first_picture_goes_along_with_the_task(alice: User, conversation: Conversation) -> None:
    turn = task(alice, conversation)
    assert open_round(turn).status == Status.WAITING
    browser = opened(turn)
    carry_out(browser)
    (message,) = inputs_of(open_round(turn))
    assert [part["type"] for part in message["content"]] == ["input_text", "input_image"]
    request = claimed(turn).request
    assert (request["tools"], request["truncation"]) == ([{"type": "computer"}], "auto")
    assert "supervisor" in request["instructions"]
    assert run_of(turn).state == "running"


def test_the_preview_gets_its_display_and_is_told_the_address(
    alice: User, conversation: Conversation, deployment: Deployment
) -> None:
    Deployment.objects.filter(pk=deployment.pk).update(name="computer-use-preview")
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    tool = {"type": "computer_use_preview", "display_width": 1024, "display_height": 768}
    assert open_round(turn).tools == [tool | {"environment": "browser"}]
    call = computer_call(1)
    answer(turn, {**call, "actions": None, "action": call["actions"][0]})
    carry_out(browser)
    (output,) = inputs_of(open_round(turn))
    assert output["current_url"] == f"{SITE}1"


def test_each_call_is_a_step_whose_picture_the_next_request_brings(
    alice: User, conversation: Conversation
) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    answer(turn, computer_call(1))
    assert open_round(turn).status == Status.WAITING
    step = carry_out(browser)
    assert step is not None
    assert step.actions == computer_call(1)["actions"]
    (output,) = inputs_of(open_round(turn))
    step.refresh_from_db()
    assert output == {
        "type": "computer_call_output",
        "call_id": "call_1",
        "acknowledged_safety_checks": [],
        "output": {"type": "computer_screenshot", "image_url": f"attachment:{step.screenshot}"},
    }
    assert open_round(turn).attachments.filter(content=step.screenshot).exists()
    answer(turn, said("Done."))
    assert (run_of(turn).state, run_of(turn).reason) == ("ended", "done")


def test_a_safety_check_waits_for_a_person_and_goes_back_acknowledged(
    alice: User, bob: User, conversation: Conversation
) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    answer(turn, computer_call(1, CHECK))
    assert (run_of(turn).state, states_of(turn)) == ("waits_for_person", ["done", "asks"])
    assert carry_out(browser) is None
    steering.decide(bob, run_of(turn).steps.get(number=1).pk, proceed=True)
    carry_out(browser)
    (output,) = inputs_of(open_round(turn))
    assert output["acknowledged_safety_checks"] == [CHECK]
    check = SafetyCheck.objects.get()
    assert (check.decision, check.decided_by) == ("proceed", bob)
    entry = AuditEntry.objects.get(action="computer_checked")
    assert entry.details["checks"] == ["sensitive_domain"]


def test_a_declined_check_ends_the_task(alice: User, conversation: Conversation) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    answer(turn, computer_call(1, CHECK))
    step = run_of(turn).steps.get(number=1)
    steering.decide(alice, step.pk, proceed=False)
    assert (run_of(turn).reason, states_of(turn)) == ("declined", ["done", "not_done"])
    assert open_round(turn).status == Status.CANCELLED
    with pytest.raises(Refusal, match="doesn't wait"):
        steering.decide(alice, step.pk, proceed=True)


def test_a_stranger_decides_nothing(alice: User, carol: User, conversation: Conversation) -> None:
    turn = task(alice, conversation)
    carry_out(opened(turn))
    answer(turn, computer_call(1, CHECK))
    with pytest.raises(Refusal, match="no such step"):
        steering.decide(carol, run_of(turn).steps.get(number=1).pk, proceed=True)


def test_a_browser_that_waits_in_vain_ends_its_task(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    turn = task(alice, conversation)
    carry_out(opened(turn))
    answer(turn, computer_call(1, CHECK))
    late_by(settings.COMPUTER_WAIT_SECONDS + 1)
    steering.attend()
    assert run_of(turn).reason == "unattended"
    assert SafetyCheck.objects.get().decision == "nobody"


def test_what_waits_for_a_person_stands_in_the_inbox_until_it_is_decided(
    alice: User, bob: User, carol: User, conversation: Conversation
) -> None:
    turn = task(alice, conversation)
    carry_out(opened(turn))
    answer(turn, computer_call(1, CHECK))
    (notice,) = inbox.waiting(bob)
    assert notice.path == f"/c/{conversation.pk}/"
    assert "for Alice needs" in wording.words_of(notice).text
    assert [inbox.count(user) for user in (alice, bob, carol)] == [1, 1, 0]
    steering.decide(bob, run_of(turn).steps.get(number=1).pk, proceed=True)
    assert [inbox.count(user) for user in (alice, bob)] == [0, 0]
    assert list(inbox.done(bob)) == [notice]


def test_in_a_private_conversation_its_owner_alone_is_asked(
    alice: User, bob: User, conversation: Conversation
) -> None:
    turn = task(alice, conversation)
    carry_out(opened(turn))
    answer(turn, computer_call(1, CHECK))
    changes.change_conversation(alice, conversation, {"visibility": "private"})
    assert [inbox.count(user) for user in (alice, bob)] == [1, 0]
    steering.decide(alice, run_of(turn).steps.get(number=1).pk, proceed=False)
    assert inbox.count(alice) == 0


def test_a_task_that_is_stopped_asks_nobody_any_more(alice: User, conversation: Conversation) -> None:
    turn = task(alice, conversation)
    carry_out(opened(turn))
    answer(turn, computer_call(1, CHECK))
    turns.request_stop(alice, open_round(turn).pk)
    assert (run_of(turn).reason, inbox.count(alice)) == ("stopped", 0)


@pytest.mark.parametrize("actions", [None, "click", [None, "click"], {"type": "click"}])
def test_what_is_no_action_is_a_step_without_any(
    alice: User, conversation: Conversation, actions: Any
) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    answer(turn, computer_call(1) | {"actions": actions})
    assert run_of(turn).steps.get(number=1).actions == []
    carry_out(browser)
    answer(turn, said("Done."))
    steering.attend()
    (entry,) = AuditEntry.objects.filter(action="computer_ended")
    assert [step[2] for step in entry.details["steps"]] == [[], []]


def test_the_last_step_gives_the_say_back_to_the_person(
    alice: User, conversation: Conversation, allowed: ComputerPolicy
) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    for number in range(1, 5):
        answer(turn, computer_call(number))
        carry_out(browser)
    assert (run_of(turn).reason, len(states_of(turn))) == ("steps", 4)
    assert open_round(turn).status == Status.COMPLETED


def test_the_time_of_a_task_is_without_what_people_took(alice: User, conversation: Conversation) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    ComputerRun.objects.update(started_at=clock.now() - timedelta(seconds=700), waited=200)
    answer(turn, computer_call(1))
    assert states_of(turn) == ["done", "queued"]
    carry_out(browser)
    ComputerRun.objects.update(waited=50)
    answer(turn, computer_call(2))
    assert (run_of(turn).reason, states_of(turn)) == ("time", ["done", "done"])
    assert open_round(turn).status == Status.COMPLETED


def test_the_next_task_uses_the_same_browser(alice: User, conversation: Conversation) -> None:
    first = task(alice, conversation)
    browser = opened(first)
    carry_out(browser)
    answer(first, said("Done."))
    second = task(alice, conversation, "And a mug")
    assert run_of(second).browser == browser
    step = carry_out(browser)
    assert step is not None
    assert step.run == run_of(second)
    answer(second, said("Done."))
    computer.let_go(browser)
    third = task(alice, conversation, "And a blanket")
    assert run_of(third).browser is None


def test_stop_reaches_a_step_that_is_under_way(alice: User, conversation: Conversation) -> None:
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    answer(turn, computer_call(1))
    work = computer.next_step(browser)
    assert work is not None
    assert work.step is not None
    assert computer.is_wanted(work.step)
    turns.request_stop(alice, open_round(turn).pk)
    assert not computer.is_wanted(work.step)
    computer.finish(work.step, seen())
    assert (run_of(turn).reason, states_of(turn)) == ("stopped", ["done", "not_done"])
    assert run_of(turn).stopped_by == alice
    steering.attend()
    assert AuditEntry.objects.get(action="computer_ended").details["stopped_by"] == "alice"


def test_a_lost_worker_interrupts_the_task_and_the_record_stays(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    turn, worker = task(alice, conversation), ledger.register_worker()
    carry_out(opened(turn, worker))
    answer(turn, computer_call(1))
    Worker.objects.filter(pk=worker).update(
        beat_at=clock.now() - timedelta(seconds=settings.LEASE_SECONDS + 1)
    )
    steering.attend()
    assert (run_of(turn).reason, states_of(turn)) == ("interrupted", ["done", "not_done"])
    assert open_round(turn).status == Status.INTERRUPTED
    entry = AuditEntry.objects.get(action="computer_ended")
    assert [step[1] for step in entry.details["steps"]] == ["done", "not_done"]


def test_a_browser_that_fails_ends_its_task_with_the_reason(alice: User, conversation: Conversation) -> None:
    turn = task(alice, conversation)
    computer.fail(opened(turn), "No Chromium was found.")
    assert (run_of(turn).reason, run_of(turn).told) == ("failed", "No Chromium was found.")
    assert open_round(turn).status == Status.INTERRUPTED


def test_an_unfinished_call_is_left_out_when_the_history_is_sent_again(
    alice: User, conversation: Conversation
) -> None:
    turn = task(alice, conversation)
    carry_out(opened(turn))
    answer(turn, computer_call(1, CHECK))
    steering.decide(alice, run_of(turn).steps.get(number=1).pk, proceed=False)
    following = turns.send_message(
        alice, conversation.pk, client_key=conversation.pk, text="Why?", tip=turn.pk
    )
    given = claimed(following).given
    assert given.how == "rebuilt"
    assert "computer_call" not in [item["type"] for item in given.items]

"""What a task in a browser begins with and how far it goes: chosen by a person, as far as the policy goes."""

from typing import Any

import pytest

from conversations.chat import changes, steering
from conversations.chat.refusals import Refusal
from conversations.models import AuditEntry, ComputerPolicy, Conversation, Deployment, Turn, User
from tests.chat.calling import Json, answer, open_round, said, send
from tests.chat.test_computing import SITE, carry_out, computer_call, opened, run_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def allowed(conversation: Conversation, deployment: Deployment) -> ComputerPolicy:
    Deployment.objects.filter(pk=deployment.pk).update(name="gpt-5.4")
    return ComputerPolicy.objects.create(
        team=conversation.team, enabled=True, sites="shop.example.com", start_url=SITE, most_steps=3
    )


def task(user: User, conversation: Conversation, text: str = "Buy a lamp", chosen: Any = True) -> Turn:
    return send(user, conversation, text, computer=chosen)


def test_a_task_is_planned_by_the_person_as_far_as_the_policy_goes(
    alice: User, conversation: Conversation
) -> None:
    chosen = {"environment": "browser", "display_width": 800, "start_url": f"{SITE}lamps", "most_steps": 2}
    run = run_of(task(alice, conversation, chosen=chosen))
    assert (run.width, run.height, run.start_url) == (800, 768, f"{SITE}lamps")
    assert (run.most_steps, run.most_seconds) == (2, 600)


def test_the_display_that_was_chosen_is_the_one_that_the_preview_is_told_of(
    alice: User, conversation: Conversation, deployment: Deployment
) -> None:
    Deployment.objects.filter(pk=deployment.pk).update(name="computer-use-preview")
    turn = task(alice, conversation, chosen={"display_width": 800, "display_height": 600})
    (tool,) = open_round(turn).tools
    assert (tool["display_width"], tool["display_height"]) == (800, 600)
    assert (run_of(turn).width, run_of(turn).height) == (800, 600)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"most_steps": 4}, "A task in a browser has at most 3 steps here."),
        ({"most_seconds": 601}, "at most 600 seconds here"),
        ({"display_width": 1601}, "at most 1600 pixels wide here"),
        ({"display_height": 1201}, "at most 1200 pixels high here"),
        ({"start_url": "https://elsewhere.example.net/"}, "on none of the sites that may be visited"),
        ({"start_url": "file:///etc/passwd"}, "begins with https:// or http://"),
    ],
)
def test_what_goes_beyond_the_policy_is_refused_when_it_is_chosen_and_when_it_is_sent(
    alice: User, conversation: Conversation, chosen: Json, told: str
) -> None:
    with pytest.raises(Refusal, match=told) as refusal:
        task(alice, conversation, chosen=chosen)
    assert (refusal.value.code, refusal.value.choice) == ("cannot", "computer")
    conversation.refresh_from_db()
    with pytest.raises(Refusal, match=told):
        changes.change_conversation(alice, conversation, {"choices": {"computer": chosen}})


def test_a_policy_that_leaves_nothing_to_choose_has_the_last_word(
    alice: User, conversation: Conversation
) -> None:
    ComputerPolicy.objects.update(may_choose=False)
    with pytest.raises(Refusal, match="not left to choose in this team"):
        task(alice, conversation, chosen={"most_steps": 1})
    assert run_of(task(alice, conversation, chosen={"environment": "browser"})).most_steps == 3


def test_a_task_has_the_usual_steps_where_nobody_chose_others(
    alice: User, conversation: Conversation
) -> None:
    ComputerPolicy.objects.update(usual_steps=2, usual_seconds=60)
    first = task(alice, conversation)
    run = run_of(first)
    assert (run.most_steps, run.most_seconds) == (2, 60)
    carry_out(opened(first))
    answer(first, said("Done."))
    other = run_of(task(alice, conversation, "And a mug", chosen={"most_steps": 3}))
    assert (other.most_steps, other.most_seconds) == (3, 60)


def test_a_policy_that_wants_each_step_confirmed_asks_before_each(
    alice: User, bob: User, conversation: Conversation
) -> None:
    ComputerPolicy.objects.update(confirm_all=True)
    turn = task(alice, conversation)
    browser = opened(turn)
    carry_out(browser)
    for number in (1, 2):
        answer(turn, computer_call(number))
        step = run_of(turn).steps.get(number=number)
        assert (run_of(turn).state, step.state, step.checks.count()) == ("waits_for_person", "asks", 0)
        assert carry_out(browser) is None
        steering.decide(bob, step.pk, proceed=True)
        assert carry_out(browser) == step
    last = run_of(turn).steps.get(number=2)
    assert (last.state, last.confirmed_by) == ("done", bob)
    checked = AuditEntry.objects.filter(action="computer_checked")
    assert [entry.details["checks"] for entry in checked] == [[], []]


def test_a_task_that_shall_begin_elsewhere_gets_a_browser_of_its_own(
    alice: User, conversation: Conversation
) -> None:
    first = task(alice, conversation)
    carry_out(opened(first))
    answer(first, said("Done."))
    second = task(alice, conversation, "And a mug", chosen={"start_url": f"{SITE}mugs"})
    assert run_of(second).browser is None

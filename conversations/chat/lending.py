"""A person's hand in a model's browser: taken, used, given back. `lent.py` is the other end, on the worker.

What the person does there goes to the worker by publish and subscribe, which keeps nothing: of keys and
places there is no record, only of who had the browser and of the pages that were opened.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from conversations import bus, clock
from conversations.chat import computing, steering
from conversations.chat.announcing import announce_computer
from conversations.chat.locks import touch
from conversations.chat.refusals import Refusal
from conversations.chat.sockets import Command
from conversations.chat.straying import site_of
from conversations.chat.trail import note
from conversations.models import ComputerRun, User
from conversations.models.audit import Action
from conversations.models.computer_runs import Decision, RunState, StepState
from conversations.people import audit, rights
from conversations.people.audit import audited
from conversations.tools import browser as tool
from conversations.tools.browser import BadAction, Screenshot, Wait

TAKEN_FROM = (RunState.RUNNING, RunState.WAITS_FOR_PERSON, RunState.PAUSED)
LONGEST_URL = 2000
IN_HAND = "Then a person had the browser."


def take(user: User, key: UUID) -> None:
    """The model waits from then on; a step that is under way is finished."""
    with audited():
        run = steering.locked(user, key)
        waits: dict[str, Any] = {"waits_since": clock.now(), "waited": computing.waited(run), "told": ""}
        if run.state not in TAKEN_FROM:
            raise steering.too_late()
        computing.change(run, by=user, state=RunState.PERSON_HAS_HAND, hand_of=user, **waits)
        note(Action.COMPUTER_STEERED, audit.person(user), run, state=run.state)


def give(user: User, key: UUID) -> None:
    """Anybody who may decide gives it back, should the one who took it be elsewhere."""
    with audited():
        run = steering.locked(user, key)
        if run.state != RunState.PERSON_HAS_HAND:
            raise steering.too_late()
        _pass_over(run)
        computing.go_on(run, by=user)
        note(Action.COMPUTER_STEERED, audit.person(user), run, state=run.state, given_back=True)


def drop(key: UUID) -> None:
    """Whoever had it is gone, or may not have it any more: somebody else is asked, and the model waits."""
    with audited():
        run = ComputerRun.objects.select_related("hand_of", "conversation").get(pk=key)
        touch(run.conversation_id)
        run.refresh_from_db()
        if run.hand_of is None:
            return
        left_by = run.hand_of.username
        told = _("%(name)s left without giving the browser back.") % {"name": run.hand_of.name}
        _pass_over(run)
        computing.ask_person(run, told)
        note(Action.COMPUTER_STEERED, audit.system("computer"), run, state=run.state, left_by=left_by)


def _pass_over(run: ComputerRun) -> None:
    """Steps that asked for a person's word got a person instead. They are not done (`computer.py`)."""
    asks = run.steps.filter(state=StepState.ASKS)
    for step in asks.select_related("run__conversation"):
        steering.book(step, Decision.TAKEN_OVER, run.hand_of)
    asks.update(state=StepState.QUEUED, revision=F("revision") + 1)


def act(user: User, key: UUID, actions: Any) -> None:
    """Without any action it says that the person is still there."""
    browser = _in_hand(user, key)
    try:
        if actions != []:
            acts_of(actions)
    except BadAction as error:
        raise Refusal("bad_field", str(error)) from error
    bus.publish(bus.hand_channel(browser), {"actions": actions})


def visit(user: User, key: UUID, url: str) -> None:
    browser = _in_hand(user, key)
    if len(url) > LONGEST_URL:
        raise Refusal("bad_field", _("That is no address of a page."))
    bus.publish(bus.hand_channel(browser), {"url": url if "://" in url else f"https://{url}"})


def read(user: User, key: UUID) -> None:
    """The words of the page, for a person who doesn't see it."""
    bus.publish(bus.hand_channel(_in_hand(user, key)), {"read": True})


def _in_hand(user: User, key: UUID) -> UUID:
    mine = ComputerRun.objects.filter(pk=key, state=RunState.PERSON_HAS_HAND, hand_of=user)
    run = mine.filter(conversation__in=rights.conversations_of(user)).first()
    if run is None or run.browser is None:
        raise Refusal("not_yours", _("You don't have this browser in hand."))
    return run.browser


def acts_of(actions: Any) -> Sequence[tool.Action]:
    found = tool.actions_of({"actions": actions})
    if any(isinstance(each, Wait | Screenshot) for each in found):
        raise BadAction("A person neither waits nor looks: pictures come by themselves.")
    return found


def still_has(key: UUID) -> bool:
    """Whether somebody has this run's browser in hand who may."""
    run = ComputerRun.objects.select_related("hand_of").filter(pk=key, state=RunState.PERSON_HAS_HAND).first()
    if run is None or run.hand_of is None:
        return False
    if run.hand_of.is_active and rights.conversations_of(run.hand_of).filter(pk=run.conversation_id).exists():
        return True
    drop(key)
    return False


def is_busy(key: UUID) -> None:
    """The person did something: the time in which nobody does begins anew."""
    run = ComputerRun.objects.filter(pk=key, state=RunState.PERSON_HAS_HAND).first()
    if run is not None:
        unchanged = ComputerRun.objects.filter(pk=key, hand_of=run.hand_of_id)
        unchanged.update(waits_since=clock.now(), waited=computing.waited(run))


def note_visits(key: UUID, pages: list[str]) -> None:
    """Where a person went in it: addresses with the step before, whose erasing takes them along, and in the
    trail the sites only.
    """
    run = ComputerRun.objects.select_related("conversation").get(pk=key)
    with audited():
        touch(run.conversation_id)
        before = run.steps.filter(response__erased_at=None).exclude(screenshot="").last()
        if before is not None:
            notes = [*before.notes, IN_HAND, *map("Opened: {}".format, pages)]
            run.steps.filter(pk=before.pk).update(notes=notes, revision=F("revision") + 1)
            announce_computer(run)
        if sites := sorted({site_of(page) for page in pages}):
            note(Action.COMPUTER_STEERED, audit.system("computer"), run, visited=sites)


COMMANDS: dict[str, Callable[[User, Command], None]] = {
    "computer.take": lambda user, command: take(user, command.uuid("run")),
    "computer.give": lambda user, command: give(user, command.uuid("run")),
    "computer.act": lambda user, command: act(user, command.uuid("run"), command.fields.get("actions")),
    "computer.visit": lambda user, command: visit(user, command.uuid("run"), command.text("url")),
    "computer.read": lambda user, command: read(user, command.uuid("run")),
}

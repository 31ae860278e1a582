"""Computer use on the worker: a browser, opened for a run and kept for the next one of its conversation.

A browser belongs to the process that opened it. It takes its steps from rows, so that a decision, a pause and
a stop reach it wherever they were made; what it did is a row again, which brings the next request on its way.
"""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

import redis
from django.db import transaction
from django.db.models import F

from conversations import clock
from conversations.chat import computing, rounds, steering, trail
from conversations.chat.announcing import announce_computer, announce_turn
from conversations.chat.lending import note_visits
from conversations.chat.lent import Lent
from conversations.chat.locks import touch
from conversations.chat.queue import enqueue, enqueue_run
from conversations.chat.straying import Attempts, note, page_of
from conversations.chat.waking import Sleep, light_sleep
from conversations.chat.watched import Watch, watched
from conversations.chat.worker import WorkerProcess, this_process
from conversations.models import ComputerRun, ComputerStep, Item, Response
from conversations.models.audit import Action
from conversations.models.computer_runs import RunEnd, RunState, StepState
from conversations.models.responses import Direction, Status
from conversations.people import audit
from conversations.people.audit import audited
from conversations.stored import items, references
from conversations.tools import computers
from conversations.tools.browser import (
    BadAction,
    Browser,
    BrowserError,
    Event,
    Hand,
    Outcome,
    actions_of,
    open_browser,
)

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
REST_SECONDS = 1.0
DATABASE_PATIENCE_SECONDS = 60
WORKING = (RunState.QUEUED, RunState.RUNNING)


GIVEN_BACK = "A person had the browser meanwhile, so this was not done."


class Unwanted(Exception):
    """The step under way was called off."""


async def run(key: UUID) -> None:
    """Opens a browser for a run that has none; what goes on in it goes on by itself."""
    process = await this_process()
    claimed = await process.home.write(claim, key, process.row)
    if claimed is not None:
        process.begin(Session(process, claimed).go())


class Session:
    """One browser of this process."""

    def __init__(self, process: WorkerProcess, run: ComputerRun) -> None:
        self.process = process
        self.first = run
        self.key = run.browser or uuid4()
        self.attempts = Attempts(run.pk)
        self.lent: Lent | None = None
        # When a person gave the browser back.
        self.returned_at: datetime | None = None
        # The page that was seen last, and what on it was for a person to type.
        self.asked_for: tuple[UUID, str, Hand] | None = None

    async def go(self) -> None:
        try:
            browser = await open_browser(computers.setup_of(self.first), self._hear)
        except (BrowserError, ValueError) as error:
            await self._fail(str(error))
            return
        try:
            async with watched(self.process, browser, self.first) as watch, light_sleep(self.key) as sleep:
                await self._serve(browser, watch, sleep)
        except BrowserError as error:
            await self._fail(str(error))
        except Unwanted:
            logger.info("Browser %s was closed in the middle of a step", self.key)
        except Exception:
            logger.exception("Browser %s failed here", self.key)
            await self._fail("")
        finally:
            await browser.close()
            await self.process.home.persist(DATABASE_PATIENCE_SECONDS, let_go, self.key)
            await self._note_attempts()

    def _hear(self, event: Event) -> None:
        self.attempts.hear(event)
        if self.lent is not None:
            self.lent.hear(event)

    async def _note_attempts(self) -> None:
        if told := self.attempts.take():
            await self.process.home.persist(DATABASE_PATIENCE_SECONDS, note, self.attempts.run, told)

    async def _fail(self, told: str) -> None:
        await self.process.home.persist(DATABASE_PATIENCE_SECONDS, fail, self.key, told)

    async def _serve(self, browser: Browser, watch: Watch, sleep: Sleep) -> None:
        while not self.process.leaving:
            work = await self.process.home.write(next_step, self.key)
            if work is None:
                return
            if work.lent is not None:
                await self._lend(browser, work.lent)
                continue
            if work.step is None:
                await self._note_attempts()
                await sleep.of(REST_SECONDS)
                continue
            outcome = self._asking_once(work.step, await self._carry_out(browser, work.step))
            await asyncio.gather(watch.tell(work.step, outcome), self._book(work.step, outcome))

    async def _book(self, step: ComputerStep, outcome: Outcome) -> None:
        state = StepState.NOT_DONE if self._is_stale(step) else StepState.DONE
        await self.process.home.persist(DATABASE_PATIENCE_SECONDS, finish, step, outcome, state)

    async def _lend(self, browser: Browser, run: ComputerRun) -> None:
        """To a person. What the model wanted of the page as it was before is not done any more."""
        self.attempts.begin(run.pk)
        self.lent = Lent(self.process, browser, run)
        try:
            await self.lent.serve()
        except (redis.RedisError, OSError) as error:
            logger.warning("A person's hand waits for Redis: %s", error)
            await asyncio.sleep(LOOK_SECONDS)
        finally:
            pages, self.lent, self.returned_at = self.lent.pages, None, clock.now()
            await self.process.home.persist(DATABASE_PATIENCE_SECONDS, note_visits, run.pk, pages)
            await self._note_attempts()

    def _asking_once(self, step: ComputerStep, outcome: Outcome) -> Outcome:
        """A page asks for a person when it comes, not after each step on it, nor when a person left it so."""
        page = (step.run_id, page_of(outcome.url), outcome.hand)
        is_known = page == self.asked_for or self._is_stale(step)
        self.asked_for = page
        return replace(outcome, hand=Hand.NONE) if is_known else outcome

    def _is_stale(self, step: ComputerStep) -> bool:
        """Whether it was asked for before a person gave the browser back."""
        returned_at = self.returned_at
        return returned_at is not None and step.response.queued_at <= returned_at and step.number > 0

    async def _done(self, browser: Browser, step: ComputerStep) -> Outcome:
        if not self._is_stale(step):
            return await _done(browser, step)
        outcome = await browser.look()
        return replace(outcome, url=page_of(outcome.url), notes=(GIVEN_BACK,))

    async def _carry_out(self, browser: Browser, step: ComputerStep) -> Outcome:
        self.attempts.begin(step.run_id)
        doing = asyncio.create_task(self._done(browser, step))
        try:
            await self._look_after(doing, step)
            return doing.result()
        finally:
            doing.cancel()
            await self._note_attempts()

    async def _look_after(self, doing: asyncio.Task[Outcome], step: ComputerStep) -> None:
        """What takes long is told, and asked for now and then; a browser cut off in an action is no good."""
        await asyncio.wait([doing], timeout=LOOK_SECONDS)
        if not doing.done():
            await self.process.home.write(announce_computer, step.run)
        while not doing.done():
            if not await self.process.home.write(is_wanted, step):
                raise Unwanted
            await asyncio.wait([doing], timeout=LOOK_SECONDS)


async def _done(browser: Browser, step: ComputerStep) -> Outcome:
    """What is to be seen after the last action, with the notes on all of them."""
    if step.number == 0:
        return await browser.look()
    try:
        actions = actions_of({"actions": step.actions})
    except BadAction as error:
        return replace(await browser.look(), notes=(str(error),))
    outcomes = [await browser.do(action) for action in actions]
    notes = tuple(note for outcome in outcomes for note in outcome.notes)
    return replace(outcomes[-1], notes=notes)


@dataclass(frozen=True)
class Work:
    """`step` is None while there is nothing to do, `lent` the run while a person has the hand."""

    step: ComputerStep | None
    lent: ComputerRun | None = None


def claim(key: UUID, worker: UUID) -> ComputerRun | None:
    """The run, if it is still without a browser and this worker won it."""
    unclaimed = ComputerRun.objects.filter(pk=key, state=RunState.QUEUED, browser=None)
    if not unclaimed.update(browser=uuid4(), worker=worker):
        return None
    return ComputerRun.objects.get(pk=key)


def next_step(browser: UUID) -> Work | None:
    """None where the browser isn't kept any longer."""
    run = ComputerRun.objects.filter(browser=browser).order_by("-created_at").first()
    if run is None or (run.kept_until is not None and run.kept_until <= clock.now()):
        return None
    if run.state == RunState.PERSON_HAS_HAND:
        return Work(None, lent=run)
    if run.state not in WORKING:
        return Work(None)
    step = run.steps.select_related("run", "response__turn").filter(state=StepState.QUEUED).first()
    if step is None:
        return Work(None)
    now = clock.now()
    queued = ComputerStep.objects.filter(pk=step.pk, state=StepState.QUEUED)
    if not queued.update(state=StepState.RUNNING, started_at=now, revision=F("revision") + 1):
        return Work(None)
    if run.state == RunState.QUEUED:
        _start(run)
    return Work(step)


def _start(run: ComputerRun) -> None:
    with audited():
        if computing.change(run, state=RunState.RUNNING, started_at=clock.now()):
            told = {"sites": run.sites, "steps": run.most_steps}
            trail.note(Action.COMPUTER_BEGUN, audit.system("computer"), run, **told)


def is_wanted(step: ComputerStep) -> bool:
    return ComputerStep.objects.filter(pk=step.pk, state=StepState.RUNNING).exists()


def finish(step: ComputerStep, outcome: Outcome, state: StepState = StepState.DONE) -> None:
    """The picture and what else was seen, unless the step was called off meanwhile."""
    picture = references.keep(step.response, outcome.media_type, outcome.screenshot)
    with transaction.atomic():
        touch(step.run.conversation_id)
        running = ComputerStep.objects.filter(pk=step.pk, state=StepState.RUNNING)
        seen = {"url": outcome.url[:2000], "title": outcome.title[:300], "notes": list(outcome.notes)}
        x, y = (max(0, place) for place in outcome.pointer)
        if not running.update(
            state=state,
            ended_at=clock.now(),
            revision=F("revision") + 1,
            screenshot=picture,
            is_stale=outcome.is_stale,
            pointer_x=x,
            pointer_y=y,
            **seen,
        ):
            return
        _ask_for(step.run_id, outcome.hand)
        if step.number == 0:
            _show(step.response, picture)
        else:
            rounds.go_on(step.response)
        announce_computer(ComputerRun.objects.get(pk=step.run_id))


def _ask_for(run: UUID, hand: Hand) -> None:
    """A password or a card's number is for a person to type, who looks at the page first."""
    row = ComputerRun.objects.get(pk=run)
    if hand is not Hand.NONE and row.state == RunState.RUNNING:
        computing.ask_person(row, TOLD[hand])


TOLD = {
    Hand.PASSWORD: "The page asks for a password.",
    Hand.PAYMENT: "The page asks for payment details.",
}


def _show(response: Response, picture: str) -> None:
    """The first picture goes along with the task."""
    row = Item.objects.get(response=response, direction=Direction.INPUT, position=0)
    part = {"type": "input_image", "image_url": references.reference(picture)}
    payload = row.payload | {"content": [*row.payload["content"], part]}
    Item.objects.filter(pk=row.pk).update(**items.columns(payload))
    waiting = Response.objects.filter(pk=response.pk, status=Status.WAITING)
    grown = references.size_of([{"content": [part]}])
    now = clock.now()
    if waiting.update(
        status=Status.QUEUED, queued_at=now, revision=F("revision") + 1, size=F("size") + grown
    ):
        announce_turn(response.chat_turn)
        enqueue(response.pk)


def fail(browser: UUID, told: str) -> None:
    """Those that count on this browser end."""
    for row in ComputerRun.objects.filter(browser=browser).exclude(state=RunState.ENDED):
        with transaction.atomic():
            touch(row.conversation_id)
            row.refresh_from_db()
            if row.is_open:
                steering.end(row, RunEnd.FAILED, told or "The browser failed.")


def let_go(browser: UUID) -> None:
    """The browser is gone: no task begins in it any more, and one that was about to gets another."""
    unbegun = ComputerRun.objects.filter(browser=browser, state=RunState.QUEUED)
    for key in list(unbegun.values_list("pk", flat=True)):
        if unbegun.filter(pk=key).update(browser=None, worker=None):
            enqueue_run(key)
    fail(browser, "")
    ComputerRun.objects.filter(browser=browser).update(kept_until=clock.now())

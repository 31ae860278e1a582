"""Goes through the ids of an import with several requests in flight.

Its rows are the queue: kill it at any time, and whoever claims the import next goes on where it was.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from conversations import clock
from conversations.loop import WorkerLoop, worker_loop
from conversations.models import ImportedId, ImportJob, Response
from conversations.models.audit import Action
from conversations.models.imports import Outcome
from conversations.people.audit import Actor, audited, record
from conversations.responses_api import (
    NotFound,
    RateLimited,
    Refused,
    ResponsesAPI,
    ResponsesAPIError,
    Timeouts,
)
from conversations.stored import importing, joining, leases, references
from conversations.stored.endpoints import address_of
from conversations.stored.fetching import Fetched, fetch
from conversations.stored.noting import Said, note
from conversations.stored.pauses import Pauses

logger = logging.getLogger(__name__)

BATCH = 64
MOST_ATTEMPTS = 6
MOST_WAIT_SECONDS = 60
IDLE_SECONDS = 0.5
LEAVING_SECONDS = 0.2


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    reason: str = ""
    row: Response | None = None


def run(job: UUID, watch: Callable[[], None] | None = None) -> bool:
    """Goes on with an import to its end; False where another process does or nothing is left. Raises GivenUp.

    `watch` is called now and then on a thread that may use the database.
    """
    token = leases.claim(ImportJob.objects.all(), job)
    if token is None:
        return False
    row = ImportJob.objects.select_related("endpoint", "deployment__endpoint", "team").get(pk=job)
    home = worker_loop()
    try:
        with leases.handed_over(ImportJob.objects.all(), job, token):
            home.run(ImportRun(home, row, token, watch).go())
    except leases.LeaseLost as lost:
        logger.warning("Import left to others: %s", lost)
    return True


class ImportRun:
    def __init__(
        self, home: WorkerLoop, job: ImportJob, token: UUID, watch: Callable[[], None] | None = None
    ) -> None:
        self.home = home
        self.job = job
        self.token = token
        self.watch = watch
        self.address = address_of(job.endpoint)
        self.pauses = Pauses()
        self.slots = asyncio.Semaphore(settings.IMPORT_REQUESTS)

    async def go(self) -> None:
        async with ResponsesAPI(Timeouts(read=settings.UPSTREAM_SILENCE_SECONDS)) as self.api:
            steps = (self._beat(), self._work(), self._leave())
            tasks = [asyncio.create_task(step) for step in steps]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(settings.HEARTBEAT_SECONDS)
            await self.home.write(leases.renew, ImportJob.objects.all(), self.job.pk, self.token)

    async def _leave(self) -> None:
        """Requests on their way are dropped: they only read, and their rows are asked for again."""
        while True:
            leases.stay()
            await asyncio.sleep(LEAVING_SECONDS)

    async def _work(self) -> None:
        while batch := await self.home.write(self._next):
            ready = [row for row in batch if row.not_before is None or row.not_before <= clock.now()]
            if not ready:
                await asyncio.sleep(IDLE_SECONDS)
            async with asyncio.TaskGroup() as group:
                for row in ready:
                    group.create_task(self._one(row))
            if self.watch:
                await self.home.write(self.watch)
        await self.home.write(self._end)

    def _next(self) -> list[ImportedId]:
        """The next that may be asked for, else what waits."""
        pending = self.job.ids.filter(outcome=Outcome.PENDING).order_by("pk")
        now = Q(not_before=None) | Q(not_before__lte=clock.now())
        return list(pending.filter(now)[:BATCH]) or list(pending[:1])

    async def _one(self, row: ImportedId) -> None:
        async with self.slots:
            await self.pauses.over()
            try:
                answer = await self._asked(row)
            except RateLimited as error:
                self.pauses.begin(error.retry_after, row.attempts)
                answer = self._later(row, error)
            except ResponsesAPIError as error:
                answer = self._later(row, error) if error.retryable else _refused(error)
            await self.home.write(self._settle, row, answer)

    async def _asked(self, row: ImportedId) -> Result | Fetched:
        found = await self.home.write(joining.known, self.job.endpoint, row.response_id)
        try:
            return await fetch(self.api, self.address, row.response_id, with_input=found is None)
        except NotFound as error:
            return await self._missing(found, error)

    async def _missing(self, found: Response | None, error: NotFound) -> Result:
        if error.kind != "response_not_found":
            return Result(Outcome.FAILED, str(error))
        if found is None:
            return Result(Outcome.MISSING, str(error))
        await self.home.write(note, found, Said.MISSING, clock.now())
        return Result(Outcome.KNOWN, "It is no longer upstream.", found)

    def _later(self, row: ImportedId, error: ResponsesAPIError) -> Result:
        enough = row.attempts + 1 >= (MOST_ATTEMPTS * 10 if isinstance(error, RateLimited) else MOST_ATTEMPTS)
        return Result(Outcome.FAILED if enough else Outcome.PENDING, str(error))

    def _settle(self, row: ImportedId, answer: Result | Fetched) -> None:
        """Files are written before the transaction, which may be rolled back."""
        if isinstance(answer, Fetched):
            (body, given), found = references.taken_out([answer.body, answer.input])
            answer = Fetched(answer.response_id, body, given, found)
        self._book(row, answer)

    @transaction.atomic
    def _book(self, row: ImportedId, answer: Result | Fetched) -> None:
        """Writes what came and its outcome as one, unless another process has the import by now.

        One without the other would tell the next process that the response was known before the import.
        """
        result = answer if isinstance(answer, Result) else self._joined(answer)
        held = ImportJob.objects.filter(pk=self.job.pk, claim=self.token)
        wait = timedelta(seconds=min(2**row.attempts, MOST_WAIT_SECONDS))
        won = ImportedId.objects.filter(pk=row.pk, outcome=Outcome.PENDING, job__in=held).update(
            outcome=result.outcome,
            reason=result.reason[:300],
            row=result.row,
            attempts=F("attempts") + 1,
            not_before=clock.now() + wait if result.outcome == Outcome.PENDING else None,
        )
        if not won:
            raise leases.LeaseLost(f"{self.job} is run by another process")

    def _joined(self, fetched: Fetched) -> Result:
        try:
            response, new = joining.join(fetched, self.job.deployment, self.job.team)
        except joining.StillRunning:
            return Result(Outcome.FAILED, "It still runs upstream. Import it again when it has ended.")
        return Result(Outcome.IMPORTED if new else Outcome.KNOWN, "", response)

    def _end(self) -> None:
        joining.tie_loose_ends(self.job.endpoint)
        with audited():
            leases.end(ImportJob.objects.all(), self.job.pk, self.token)
            details = {"phase": "ended", "outcomes": importing.outcomes(self.job)}
            actor = Actor(self.job.actor, self.job.by_id)
            record(Action.IMPORTED, actor=actor, subject=self.job, team=self.job.team_id, details=details)


def _refused(error: ResponsesAPIError) -> Result:
    return Result(Outcome.FORBIDDEN if isinstance(error, Refused) else Outcome.FAILED, str(error))

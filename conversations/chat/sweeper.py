"""The delivery guarantee: finds what no worker runs, however that came about."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import redis
from django.conf import settings
from django.db.models import F, Q, QuerySet

from conversations import bus, clock
from conversations.chat import ledger
from conversations.chat.endings import WORKER_LOST
from conversations.chat.event_log import append_last
from conversations.chat.frames import Frame
from conversations.chat.history import gather
from conversations.chat.ledger import End, Job
from conversations.chat.queue import enqueue, enqueue_call
from conversations.chat.snapshots import open_state
from conversations.chat.transcript import Event, Transcript
from conversations.models import Response, ToolCall, Worker
from conversations.models.responses import Status, UpstreamState
from conversations.models.tool_calls import CallState
from conversations.stored.endpoints import address_of

logger = logging.getLogger(__name__)

WORKERS_KEPT = timedelta(days=1)


def sweep() -> tuple[list[UUID], list[UUID]]:
    """Queue again what was never taken up; find what workers gave up, and what silent ones seem to run."""
    _requeue()
    found = orphans().values_list("pk", flat=True)
    return list(found.filter(worker=None)), list(found.exclude(worker=None))


def _requeue() -> None:
    """Only when the queue is empty: what is in it will be taken up, and need not be in it twice."""
    if bus.client().llen(settings.CELERY_TASK_DEFAULT_QUEUE):
        return
    late = clock.now() - timedelta(seconds=settings.REQUEUE_SECONDS)
    for response in Response.objects.filter(status=Status.QUEUED, queued_at__lt=late):
        enqueue(response.pk)
    for call in ToolCall.objects.filter(state=CallState.QUEUED, queued_at__lt=late):
        enqueue_call(call.pk)


def orphans() -> QuerySet[Response]:
    """Running responses that their worker gave up, or whose worker was silent for a lease."""
    alive_since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS)
    dead = Q(worker=None) | Q(worker__beat_at__lt=alive_since)
    return Response.objects.filter(dead, status=Status.IN_PROGRESS)


def forget_dead_workers() -> None:
    Worker.objects.filter(beat_at__lt=clock.now() - WORKERS_KEPT).delete()


@dataclass(frozen=True)
class Seized:
    """An orphan that goes on: its state, and the epoch of its log that begins with so many frames."""

    job: Job
    transcript: Transcript
    epoch: int
    frames: int


def seize(orphan: UUID, worker: UUID | None) -> Seized | None:
    """Take an orphan from its worker. What runs in the background upstream goes on in `worker`; anything else
    ends here as interrupted, with the text that people saw.

    A new claim and a new epoch shut out the old worker, should it live.
    """
    related = orphans().select_related("turn", "deployment", "endpoint")
    response, token = related.filter(pk=orphan).first(), uuid4()
    if response is None or not _claim(response, token, worker):
        return None
    transcript, epoch, _seq = open_state(response)
    log = LastFrames(response, max(epoch, response.epoch) + 1)
    log.append(transcript, [transcript.as_event()])
    # Only now nobody else appends: what came in between is read as well.
    transcript, _epoch, _seq = open_state(response, before_epoch=log.epoch)
    job = Job(response, token, address_of(response.endpoint), gather(response))
    if worker and goes_on(response):
        return Seized(job, transcript, log.epoch, log.seq)
    _end(job, transcript, log)
    return None


def _claim(response: Response, token: UUID, worker: UUID | None) -> bool:
    mine = Response.objects.filter(pk=response.pk, claim=response.claim, status=Status.IN_PROGRESS)
    return bool(mine.update(claim=token, worker=worker, epoch=F("epoch") + 1))


def goes_on(response: Response) -> bool:
    """Whether upstream writes on without us, and can be asked for it."""
    return response.background and response.response_id is not None


def _end(job: Job, transcript: Transcript, log: "LastFrames") -> None:
    response = job.response
    stopped = response.stop_requested_at is not None
    outcome = End(
        status=Status.CANCELLED if stopped else Status.INTERRUPTED,
        items=[item for item in transcript.items if item],
        error=None if stopped else WORKER_LOST,
        upstream_state=UpstreamState.UNKNOWN if response.response_id else UpstreamState.NOT_LEARNED,
        first_delta_at=response.first_delta_at,
        request_ids=response.request_ids,
        repaired=response.repaired,
    )
    receipt = ledger.end(job, outcome)
    log.append(transcript, [transcript.as_event(), {"type": "receipt", "response": receipt}])


class LastFrames:
    """The end of the log of a response that no worker runs any more."""

    def __init__(self, response: Response, epoch: int) -> None:
        self.response = response
        self.epoch = epoch
        self.seq = 0

    def append(self, transcript: Transcript, events: list[Event]) -> None:
        frame = Frame(str(self.response.pk), self.epoch, self.seq, transcript.upstream_seq, events)
        try:
            append_last(self.response.chat_turn.conversation_id, frame)
        except redis.RedisError as error:
            logger.warning("Readers of %s find its end in the ledger only: %s", self.response.pk, error)
        else:
            self.seq += 1


_suspects: dict[UUID, dict[UUID, float]] = {}


def reap(conversation: UUID) -> None:
    """For readers in a web process: end what runs nowhere, even when no worker is left that would.

    An orphan is judged when it is seen for the second time, two heartbeats later: after a pause everybody
    looks dead at first.
    """
    seen, now = _suspects.pop(conversation, {}), time.monotonic()
    found = orphans().filter(turn__conversation=conversation)
    suspects = {response.pk: seen.get(response.pk, now) for response in found if not goes_on(response)}
    for response, since in suspects.items():
        if now - since >= 2 * settings.HEARTBEAT_SECONDS:
            seize(response, None)
    if suspects:
        _suspects[conversation] = suspects

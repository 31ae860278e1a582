"""The delivery guarantee: finds what no worker runs, however that came about."""

import logging
from datetime import timedelta
from uuid import UUID, uuid4

import redis
from django.conf import settings
from django.db.models import F, Q

from conversations import bus, clock
from conversations.chat import ledger
from conversations.chat.endings import WORKER_LOST
from conversations.chat.event_log import Frame, append_last
from conversations.chat.history import gather
from conversations.chat.ledger import End, Job
from conversations.chat.queue import enqueue
from conversations.chat.snapshots import open_state
from conversations.chat.transcript import Event, Transcript
from conversations.models import Response, Worker
from conversations.models.responses import Status, UpstreamState

logger = logging.getLogger(__name__)


def sweep(worker: UUID) -> None:
    """Queue again what was never taken up, and end what its worker left behind. `worker`: who sweeps."""
    _requeue()
    if not _steady(worker):
        return
    for response in orphans():
        try:
            _take_over(response)
        except Exception:
            # One that can't be ended must not keep the others from it.
            logger.exception("Response %s could not be taken over", response.pk)


def _requeue() -> None:
    """Only when the queue is empty: what is in it will be taken up, and need not be in it twice."""
    if bus.client().llen(settings.CELERY_TASK_DEFAULT_QUEUE):
        return
    late = clock.now() - timedelta(seconds=settings.REQUEUE_SECONDS)
    for response in Response.objects.filter(status=Status.QUEUED, queued_at__lt=late):
        enqueue(response.pk)


def _steady(worker: UUID) -> bool:
    """Whether this worker's own heart beats. After a pause of the machine or of the database everybody looks
    dead; then nobody is judged before hearts had the time to beat again.
    """
    lately = clock.now() - timedelta(seconds=settings.LEASE_SECONDS / 2)
    return Worker.objects.filter(pk=worker, beat_at__gte=lately).exists()


def orphans() -> list[Response]:
    """Running responses whose worker has shown no sign of life for a lease."""
    alive_since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS)
    dead = Q(worker=None) | Q(worker__beat_at__lt=alive_since)
    related = Response.objects.select_related("turn__conversation", "deployment", "endpoint")
    return list(related.filter(dead, status=Status.IN_PROGRESS))


def _take_over(response: Response) -> None:
    """A new claim and a new epoch shut out the old worker, should it live; the text people saw is kept."""
    token = uuid4()
    mine = Response.objects.filter(pk=response.pk, claim=response.claim, status=Status.IN_PROGRESS)
    if not mine.update(claim=token, epoch=F("epoch") + 1):
        return
    transcript, epoch, _seq = open_state(response)
    log = LastFrames(response, max(epoch, response.epoch) + 1)
    log.append(transcript, [transcript.as_event()])
    # Only now nobody else appends: what came in between is read as well.
    transcript, _epoch, _seq = open_state(response, before_epoch=log.epoch)
    stopped = response.stop_requested_at is not None
    outcome = End(
        status=Status.CANCELLED if stopped else Status.INTERRUPTED,
        items=[item for item in transcript.items if item],
        error=None if stopped else WORKER_LOST,
        upstream_state=UpstreamState.UNKNOWN if response.response_id else UpstreamState.NOT_LEARNED,
        request_ids=response.request_ids,
    )
    job = Job(response, token, ledger.address_of(response.endpoint), gather(response))
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
            append_last(bus.conversation_channel(self.response.turn.conversation_id), frame)
        except redis.RedisError as error:
            logger.warning("Readers of %s find its end in the ledger only: %s", self.response.pk, error)
        self.seq += 1

"""The delivery guarantee: finds what no worker runs, however that came about."""

import logging
from datetime import timedelta
from uuid import uuid4

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
from conversations.models import Response
from conversations.models.responses import Status, UpstreamState

logger = logging.getLogger(__name__)


def sweep() -> None:
    """Queue again what was never taken up, and end what its worker left behind."""
    late = clock.now() - timedelta(seconds=settings.REQUEUE_SECONDS)
    for response in Response.objects.filter(status=Status.QUEUED, queued_at__lt=late):
        enqueue(response.pk)
    for response in orphans():
        _take_over(response)


def orphans() -> list[Response]:
    """Running responses whose worker has shown no sign of life for a lease."""
    alive_since = clock.now() - timedelta(seconds=settings.LEASE_SECONDS)
    dead = Q(worker=None) | Q(worker__beat_at__lt=alive_since)
    related = Response.objects.select_related("turn__conversation", "deployment", "endpoint")
    return list(related.filter(dead, status=Status.IN_PROGRESS))


def _take_over(response: Response) -> None:
    """A new claim shuts the old worker out, should it still be there; the text that people saw is kept."""
    token = uuid4()
    mine = Response.objects.filter(pk=response.pk, claim=response.claim, status=Status.IN_PROGRESS)
    if not mine.update(claim=token, epoch=F("epoch") + 1):
        return
    transcript, epoch, _seq = open_state(response)
    job = Job(response, token, ledger.address_of(response.endpoint), gather(response))
    receipt = ledger.end(
        job,
        End(
            status=Status.CANCELLED if response.stop_requested_at else Status.INTERRUPTED,
            items=[item for item in transcript.items if item],
            error=None if response.stop_requested_at else WORKER_LOST,
            upstream_state=UpstreamState.UNKNOWN if response.response_id else UpstreamState.NOT_LEARNED,
            request_ids=response.request_ids,
        ),
    )
    events = [transcript.as_event(), {"type": "receipt", "response": receipt}]
    frame = Frame(str(response.pk), max(epoch, response.epoch) + 1, 0, transcript.upstream_seq, events)
    try:
        append_last(bus.conversation_channel(response.turn.conversation_id), frame)
    except redis.RedisError as error:
        logger.warning("Readers of response %s find its end in the ledger only: %s", response.pk, error)

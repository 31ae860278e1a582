"""The last steps of a bulk deletion: once nothing is left to send it is read back, then it is done.

Whoever booked last finds that out, or beat does; each step is taken once.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef

from conversations import clock
from conversations.models import Deletion, DeletionJob
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState
from conversations.models.deletions import UNDECIDED, Outcome, ReadBack
from conversations.people.audit import audited, record, system
from conversations.retention import queue, telling
from conversations.retention.progress import progress_of

# Rows that execution hasn't released yet are `planned` still.
UNSENT = Exists(Deletion.objects.filter(job=OuterRef("pk"), outcome__in=[Outcome.PLANNED, *UNDECIDED]))
UNREAD = Exists(Deletion.objects.filter(job=OuterRef("pk"), read_back=ReadBack.PENDING))


def wind_up() -> None:
    sent = DeletionJob.objects.filter(~UNSENT, state=JobState.RUNNING)
    sent.update(state=JobState.READING_BACK)
    read = DeletionJob.objects.filter(~UNSENT, ~UNREAD, state=JobState.READING_BACK)
    for job in read.values_list("pk", flat=True):
        _end(job)


def _end(key: UUID) -> None:
    with audited():
        # Looked at again under its lock: failed ones may have been sent back to work meanwhile.
        job = DeletionJob.objects.select_for_update(no_key=True).get(pk=key)
        now = clock.now()
        over = DeletionJob.objects.filter(~UNSENT, ~UNREAD, pk=key, state=JobState.READING_BACK)
        if over.update(state=JobState.DONE, ended_at=now):
            details = progress_of(job).summary()
            record(Action.JOB_ENDED, actor=system("deletions"), subject=job, details=details)
            telling.done(job)
            queue.finish(key)

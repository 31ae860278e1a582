"""What the logs leave out, so that people find the rest."""

import logging

# What beat sends every few seconds, and workers drop when it comes too late: nothing happened.
ROUTINE = {
    "celery.beat": "Scheduler: Sending due task %s (%s)",
    "celery.worker.request": "Discarding revoked task: %s[%s]",
}


class WithoutRoutine(logging.Filter):
    """At DEBUG it is told."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg != ROUTINE.get(record.name) or logging.root.level <= logging.DEBUG

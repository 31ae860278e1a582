"""Whether a bulk deletion goes well enough to go on by itself, by upstream's last answers to it."""

from collections import deque
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.responses_api import BadConfiguration, RateLimited, Refused, ResponsesAPIError
from conversations.stored.claims import Claimed
from conversations.stored.verdicts import Answer

LAST = 50
# Of one id a 403 may be; of so many without anything else between them it is the key's.
FORBIDDEN_IN_A_ROW = 5


class Health:
    """Of the jobs that this process works on, since it began."""

    def __init__(self) -> None:
        self._troubled: dict[UUID, deque[bool]] = {}
        self._forbidden: dict[UUID, int] = {}

    def take(self, claimed: Claimed, answer: Answer) -> str:
        """Why the job must stop, for people; empty where it may go on."""
        if claimed.job is None or (isinstance(answer.error, RateLimited) and answer.error.retryable):
            return ""
        error = None if answer.is_missing else answer.error
        why = self._judge(claimed.job, error)
        if why:
            self._troubled.pop(claimed.job, None)
            self._forbidden.pop(claimed.job, None)
        return why

    def _judge(self, job: UUID, error: ResponsesAPIError | None) -> str:
        troubled = self._troubled.setdefault(job, deque(maxlen=LAST))
        troubled.append(error is not None)
        refused = isinstance(error, Refused)
        self._forbidden[job] = self._forbidden.get(job, 0) + 1 if refused else 0
        if error is None:
            return ""
        if isinstance(error, BadConfiguration) or (refused and error.status != 403):
            return _words(error)
        if self._forbidden[job] >= FORBIDDEN_IN_A_ROW:
            return _words(error)
        return _too_many(troubled, error) if sum(troubled) >= settings.DELETION_ERRORS else ""


def _words(error: ResponsesAPIError) -> str:
    return f"{error.summary} {error.advice}"


def _too_many(troubled: deque[bool], error: ResponsesAPIError) -> str:
    counted = {"errors": sum(troubled), "requests": len(troubled), "last": _words(error)}
    return _("%(errors)d of the last %(requests)d requests failed; the last one: %(last)s") % counted

"""What an answer of upstream means for a deletion and its read-back, and what it says of the response."""

import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from conversations import clock
from conversations.models.deletions import Outcome, ReadBack
from conversations.responses_api import (
    BadConfiguration,
    Deletion,
    NotFound,
    Refused,
    ResponsesAPIError,
    repair,
)
from conversations.stored.noting import Said

MOST_ATTEMPTS = 12
# Of one id in a job; by then its job has stopped, if it isn't this id alone.
MOST_REFUSALS = 4
LONGEST_WAIT = 600.0
MOST_BODY = 4000
# What is kept of a response that a read-back finds; its words stay out of the proof.
KEPT_OF_RESPONSE = ("id", "object", "status", "created_at", "model")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What upstream said to one request, kept as proof; `error` where it refused or nothing came."""

    request: str
    at: datetime
    status: int | None
    body: Any = None
    request_ids: dict[str, str] = field(default_factory=dict)
    error: ResponsesAPIError | None = None

    @property
    def is_missing(self) -> bool:
        """Upstream knows no such response; a 404 of a wrong address or deployment is something else."""
        return isinstance(self.error, NotFound) and self.error.kind == "response_not_found"

    def proof(self) -> dict[str, Any]:
        """For the row."""
        kept: dict[str, Any] = {
            "request": self.request,
            "at": self.at.isoformat(),
            "status": self.status,
            "body": repair(_bounded(self.body))[0],
            "request_ids": self.request_ids,
        }
        if self.error is None:
            return kept
        return kept | {"kind": self.error.kind, "may_have_run": self.error.may_have_run and not self.status}


async def answer_to(request: str, call: Awaitable[Any]) -> Answer:
    try:
        found = await call
    except ResponsesAPIError as error:
        return Answer(
            request=request,
            at=clock.now(),
            status=error.status,
            body=error.body,
            request_ids=error.request_ids,
            error=error,
        )
    if isinstance(found, Deletion):
        return Answer(
            request=request,
            at=clock.now(),
            status=found.status,
            body=found.body,
            request_ids=found.request_ids,
        )
    return Answer(request=request, at=clock.now(), status=200, body=_shape(found))


def _shape(response: dict[str, Any]) -> dict[str, Any]:
    whole = orjson.dumps(response, option=orjson.OPT_SORT_KEYS)
    kept = {key: response[key] for key in KEPT_OF_RESPONSE if key in response}
    return kept | {"sha256": hashlib.sha256(whole).hexdigest()}


def _bounded(body: Any) -> Any:
    text = orjson.dumps(body).decode()
    return body if len(text) <= MOST_BODY else text[:MOST_BODY] + "…"


@dataclass(frozen=True)
class Verdict:
    """`wait`: seconds until it is tried again; `said`: of the response."""

    outcome: Outcome
    explanation: str = ""
    wait: float | None = None
    said: Said | None = None


def decide(
    answer: Answer,
    *,
    settles_at: datetime,
    attempts: int,
    sent_before: datetime | None,
    in_job: bool = False,
) -> Verdict:
    """`sent_before`: when an earlier request of ours went out whose answer never came. In a job a refused key
    fails none of its rows at once: the job stops by itself, and they go on when the key is good again.
    """
    if answer.error is None:
        return _accepted(answer)
    if answer.is_missing:
        return _missing(answer, settles_at, sent_before)
    patient = in_job and isinstance(answer.error, Refused | BadConfiguration)
    if attempts < (MOST_REFUSALS if patient else MOST_ATTEMPTS) and (patient or answer.error.retryable):
        return Verdict(Outcome.PENDING, answer.error.summary, wait=_pause(answer.error, attempts))
    return Verdict(Outcome.FAILED, f"{answer.error.summary} {answer.error.advice}"[:300])


def _accepted(answer: Answer) -> Verdict:
    """A 200 is believed where it says so, or says nothing at all; a page of some proxy is no deletion."""
    said = answer.body.get("deleted") if isinstance(answer.body, dict) else not str(answer.body or "").strip()
    if said is True:
        return Verdict(Outcome.DELETED, said=Said.DELETED)
    return Verdict(Outcome.FAILED, f"Upstream answered {answer.status}, but not that it is deleted.")


def _missing(answer: Answer, settles_at: datetime, sent_before: datetime | None) -> Verdict:
    if answer.at < settles_at:
        wait = (settles_at - answer.at).total_seconds()
        return Verdict(
            Outcome.NOT_VISIBLE,
            "Upstream doesn't know it yet, as new responses may be invisible for a while.",
            wait=min(wait, max(1.0, wait / 3)),
            said=Said.MISSING,
        )
    after = f" after our own request at {sent_before.isoformat(timespec='seconds')}" if sent_before else ""
    return Verdict(Outcome.ALREADY_ABSENT, f"Upstream has no such response{after}.", said=Said.MISSING)


@dataclass(frozen=True)
class ReadBackVerdict:
    read_back: ReadBack
    wait: float | None = None


def decide_read_back(answer: Answer, *, tries: int) -> ReadBackVerdict:
    """Anything but a clear answer is asked again, however long that takes."""
    if answer.error is None:
        return ReadBackVerdict(ReadBack.STILL_THERE)
    if answer.is_missing:
        return ReadBackVerdict(ReadBack.CONFIRMED)
    return ReadBackVerdict(ReadBack.PENDING, wait=_pause(answer.error, tries))


def seen(answer: Answer) -> Said | None:
    """What a retrieve says of the response; None where it says nothing."""
    if answer.error is None:
        return Said.HERE
    return Said.MISSING if answer.is_missing else None


def tries(attempts: int) -> int:
    """Since a person last had it tried again: the attempts begin at a multiple of the most then."""
    return (attempts - 1) % MOST_ATTEMPTS + 1


def _pause(error: ResponsesAPIError, attempts: int) -> float:
    """Longer each time, and never shorter than upstream asks for."""
    return max(error.retry_after or 0.0, min(2.0**attempts, LONGEST_WAIT))

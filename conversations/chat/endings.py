"""Ends that upstream knows nothing of, in the shape of the door's errors."""

from typing import Any

from django.utils.translation import gettext_noop as _


def _ending(kind: str, summary: str, advice: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "summary": summary,
        "message": summary,
        "advice": advice,
        "status": None,
        "code": "",
        "param": "",
        "retryable": True,
        "retry_after": None,
        "may_have_run": True,
        "request_ids": {},
    }


TOO_LONG = _ending(
    "too_long",
    _("The answer took too long and was ended."),
    _("What arrived is kept. Run the message again, or ask for less at once."),
)
OUR_FAULT = _ending(
    "our_fault",
    _("Something went wrong on our side."),
    _("What arrived is kept, and the details are in the worker's log. Run the message again."),
)
WORKER_LOST = _ending(
    "worker_lost",
    _("The worker that wrote this answer is gone."),
    _("What arrived is kept. Run the message again to get the whole answer."),
)
LEFT_RUNNING = _ending(
    "left_running",
    _("Upstream could not be told to stop."),
    _("What arrived is kept. The rest may still be written and billed, and stays stored upstream."),
)

"""Faults that strike while a response is made: where they strike, and what they do there."""

import enum
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from conversations.emulator import errors
from conversations.emulator.faults import Faults
from conversations.emulator.streaming.frames import Frames


class Break(enum.Enum):
    """What befalls the connection, not the response."""

    CUT = "cut"
    END = "end"
    STALL = "stall"


class Ended(Exception):
    """The response ends here with this status; ``changes`` are what else becomes of the response object."""

    def __init__(self, status: str, **changes: Any) -> None:
        super().__init__(status)
        self.status = status
        self.changes = changes
        self.stored = True
        self.announced = True
        self.error_event: dict[str, Any] = {}


def before_anything(faults: Faults) -> None:
    """Raises the end that comes before ``response.created``."""
    if "error-first" in faults:
        error = {
            "code": "server_error",
            "message": "The server had an error while processing your request.",
            "param": None,
        }
        end = Ended("failed")
        end.stored = end.announced = False
        end.error_event = (
            error if faults.args["error-first"] == "flat" else {"error": {"type": "server_error", **error}}
        )
        raise end


def before_items(faults: Faults) -> None:
    """Raises the end that comes before any output."""
    if "too-long-stream" in faults:
        raise Ended("failed", error={"code": "context_length_exceeded", "message": errors.CONTEXT_TOO_LONG})
    if "429-stream" in faults:
        raise _rate_limited()


def _rate_limited() -> Ended:
    end = Ended("failed", error=None)
    end.stored = False
    end.error_event = {
        "error": {
            "type": "too_many_requests",
            "code": "too_many_requests",
            "message": "Too Many Requests. Your requests have exceeded the rate limit of this deployment. "
            "Please retry after 2 seconds.",
            "param": None,
        }
    }
    return end


def _failed() -> Ended:
    return Ended("failed", error={"code": "server_error", "message": "The model produced an internal error."})


def _failed_null() -> Ended:
    return Ended("failed", error=None)


def _filtered() -> Ended:
    safe = {"filtered": False, "severity": "safe"}
    results = {
        "hate": safe,
        "self_harm": safe,
        "sexual": safe,
        "violence": {"filtered": True, "severity": "medium"},
    }
    offsets = {"start_offset": 0, "end_offset": 64, "check_offset": 0}
    blocked = {
        "source_type": "completion",
        "blocked": True,
        "content_filter_results": results,
        "content_filter_offsets": offsets,
    }
    return Ended("incomplete", incomplete_details={"reason": "content_filter"}, content_filters=[blocked])


def _out_of_tokens() -> Ended:
    return Ended("incomplete", incomplete_details={"reason": "max_output_tokens"})


ENDS: dict[str, Callable[[], Ended]] = {
    "failed": _failed,
    "failed-null": _failed_null,
    "filter-output": _filtered,
    "max-tokens": _out_of_tokens,
}


class Breaks:
    """Which faults strike after how many deltas; where there are fewer deltas, after the last."""

    def __init__(self, faults: Faults, frames: Frames, deltas: int, limit: int | None) -> None:
        self.frames = frames
        wanted = {name: min(int(faults.args[name]), deltas) for name in (*STRIKES, *ENDS) if name in faults}
        self.at: dict[int, list[str]] = {}
        for name, position in wanted.items():
            self.at.setdefault(position, []).append(name)
        if "unknown" in faults:
            self._often("unknown", range(1, deltas, 10))
        if limit is not None:
            self._often("max-tokens", [limit])

    def _often(self, name: str, positions: Iterable[int]) -> None:
        for position in positions:
            self.at.setdefault(position, []).append(name)

    def meet(self, position: int) -> Iterator[bytes | Break]:
        for name in self.at.get(position, ()):
            if name in ENDS:
                end = ENDS[name]()
                raise end
            yield self._strike(name)

    def _strike(self, name: str) -> bytes | Break:
        if name == "unknown":
            return self.frames.event("response.telepathy.delta", item_id="tp_1", delta={"thought": [1, 2, 3]})
        return self.frames.malformed() if name == "malformed" else Break(name)


STRIKES = ("malformed", "cut", "end", "stall")

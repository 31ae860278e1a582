"""Events of a response: decoded, repaired, and how a stream of them ends."""

from collections.abc import Mapping
from typing import Any

import orjson

from conversations.responses_api import errors
from conversations.responses_api.diagnosis import Detail, detail, from_event
from conversations.responses_api.errors import ResponsesAPIError
from conversations.responses_api.jsons import Malformed, loads_loosely, mended
from conversations.responses_api.redaction import Redactor
from conversations.responses_api.sse import Message
from conversations.responses_api.text import REPLACEMENT, is_high_half, is_low_half, join_halves

Event = dict[str, Any]

FAILED = "response.failed"
# A cancelled response has no documented stream event; should one be sent, it ends the stream like the others.
TERMINAL = frozenset({"response.completed", "response.incomplete", FAILED, "response.cancelled"})
ENDINGS = TERMINAL | {"error"}


class EventDecoder:
    """Payloads to events. `repaired` counts characters replaced by U+FFFD so far."""

    def __init__(self) -> None:
        self.repaired = 0
        self._halves: dict[tuple[Any, ...], str] = {}

    def decode(self, message: Message) -> Event:
        """One event, with its `type` always there. Raises Malformed."""
        data = message.data
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError:
            event = self._loosely(data)
        else:
            if b"\\u0000" in data:
                event = self._mend(event)
            if self._halves and isinstance(event, dict):
                self._put_back(event)
        if type(event) is not dict:
            raise Malformed("an event is not a JSON object")
        if not isinstance(event.get("type"), str):
            event["type"] = _type_of(message.name, event)
        return event

    def _mend(self, value: Any) -> Any:
        value, repaired = mended(value)
        self.repaired += repaired
        return value

    def _loosely(self, data: bytes) -> Any:
        """An event with half a character in it; half an emoji may be waiting for the next delta."""
        event = loads_loosely(data)
        if isinstance(event, dict):
            self._put_back(event)
            self._hold_back(event)
        return self._mend(event)

    def _put_back(self, event: Event) -> None:
        """Prefixes a delta with the half that the delta before it ended with."""
        delta = event.get("delta")
        if (
            not isinstance(delta, str)
            or not delta
            or (high := self._halves.pop(_stream_of(event), None)) is None
        ):
            return
        if is_low_half(delta[0]):
            event["delta"] = join_halves(high, delta[0]) + delta[1:]
        else:
            event["delta"] = REPLACEMENT + delta
            self.repaired += 1

    def _hold_back(self, event: Event) -> None:
        delta = event.get("delta")
        if isinstance(delta, str) and delta and is_high_half(delta[-1]):
            event["delta"] = delta[:-1]
            self._halves[_stream_of(event)] = delta[-1]


class Ending:
    """What the last events said. `response.failed` and `error` may come in either order, or alone."""

    def __init__(self) -> None:
        self._terminal: Event | None = None
        self._error: Event | None = None

    @property
    def begun(self) -> bool:
        return self._terminal is not None or self._error is not None

    @property
    def complete(self) -> bool:
        """Nothing that may still come changes anything."""
        if self._terminal is None:
            return False
        return self._terminal["type"] != FAILED or self._error is not None

    def take(self, event: Event) -> None:
        if event["type"] == "error":
            self._error = self._error or event
        else:
            self._terminal = self._terminal or event

    def resolve(self, headers: Mapping[str, str], redactor: Redactor) -> Event | ResponsesAPIError:
        """The terminal event, or the error that stands in place of one. Only once it has begun."""
        if self._terminal is None:
            return from_event(self._error, headers, redactor)
        if self._terminal["type"] == FAILED:
            _merge(self._terminal, self._error, redactor)
        return self._terminal


def error_of(
    response: Mapping[str, Any], request_ids: dict[str, str] | None = None
) -> ResponsesAPIError | None:
    """What a failed or incomplete response died of, as a member of the error tree; None for any other."""
    error = _error_of(response)
    if error is not None:
        error.request_ids = request_ids or {}
    return error


def _error_of(response: Mapping[str, Any]) -> ResponsesAPIError | None:
    match response.get("status"):
        case "failed":
            return from_event({"error": response.get("error")}, {}, Redactor())
        case "incomplete":
            return _unfinished(response.get("incomplete_details"))
    return None


def _unfinished(details: Any) -> ResponsesAPIError:
    reason = details.get("reason") if isinstance(details, dict) else None
    if reason == "content_filter":
        return from_event({"error": {"code": reason}}, {}, Redactor())
    kind = reason if isinstance(reason, str) else ""
    return errors.Unfinished(kind=kind, code=kind)


def _merge(failed: Event, error: Event | None, redactor: Redactor) -> None:
    """Fills in `response.error` from the event that followed it."""
    response = failed.setdefault("response", {})
    if not isinstance(response, dict):
        response = failed["response"] = {}
    response.setdefault("status", "failed")
    known, told = detail({"error": response.get("error")}), detail(error or {})
    if error is not None or response.get("error") is None:
        response["error"] = _merged(known, told, redactor)


def _merged(known: Detail, told: Detail, redactor: Redactor) -> dict[str, Any]:
    """The follow-up is the more precise of the two; a bare `server_error` says nothing."""
    merged: dict[str, Any] = {
        "code": told.code or told.type or known.code or known.type or "server_error",
        "message": redactor.clean(told.message or known.message),
    }
    merged |= {name: value for name in ("param", "status") if (value := getattr(told, name))}
    return merged


def _stream_of(event: Event) -> tuple[Any, ...]:
    """Which of the texts that grow side by side a delta belongs to."""
    names = ("type", "output_index", "content_index", "summary_index", "item_id")
    return tuple(event.get(name) for name in names)


def _type_of(name: bytes, event: Event) -> str:
    """For servers that leave the type to the `event:` line, or send a bare error."""
    if name and name != b"message":
        return name.decode("utf-8", "replace")
    return "error" if event.get("error") else ""

"""From what upstream answered to the member of the error tree that says what it means."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from math import isfinite
from typing import Any

from conversations.responses_api import errors
from conversations.responses_api.errors import ResponsesAPIError
from conversations.responses_api.jsons import Malformed, loads
from conversations.responses_api.redaction import Redactor

REQUEST_ID_HEADERS = ("x-request-id", "apim-request-id", "x-ms-client-request-id")
_WAIT_IN_TEXT = re.compile(
    r"(?:retry|try again)\s+(?:after|in)\s+(\d+(?:\.\d+)?)\s*(ms|milliseconds?|m\b|minutes?|s|sec|seconds?)?",
    re.IGNORECASE,
)
_FILTERED = {"content_filter", "content_policy_violation", "responsibleaipolicyviolation", "content_filtered"}
_QUOTA = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_LIMITED = {
    "rate_limit_exceeded",
    "rate_limit_error",
    "too_many_requests",
    "429",
    "ratelimitreached",
    "no_capacity",
}
_FAULTS = {
    "server_error",
    "internal_error",
    "internal_server_error",
    "500",
    "502",
    "503",
    "service_unavailable",
}
_REFUSED = {"invalid_api_key", "401", "unauthorized", "authentication_error", "permissiondenied"}
_NO_DEPLOYMENT = {"deploymentnotfound", "model_not_found", "unknown_model"}
_TOO_LONG = re.compile(r"context[_ ](?:window|length)|maximum context", re.IGNORECASE)
_NO_ITEM = re.compile(r"\bitem with id\b.*\bnot found\b", re.IGNORECASE)
_NO_RESPONSE = re.compile(r"\bresponse\b.*\bnot found\b|\bno response (?:found )?with id\b", re.IGNORECASE)

_BY_STATUS: dict[int, tuple[type[ResponsesAPIError], str]] = {
    401: (errors.Refused, ""),
    403: (errors.Refused, "forbidden"),
    404: (errors.NotFound, ""),
    408: (errors.Stalled, ""),
    409: (errors.BadRequest, "conflict"),
    413: (errors.BadRequest, "too_large"),
    429: (errors.RateLimited, ""),
}


@dataclass(frozen=True)
class Detail:
    """The error inside an answer, whatever its shape."""

    message: str = ""
    code: str = ""
    type: str = ""
    param: str = ""
    status: int | None = None
    filtered: bool = False

    @property
    def names(self) -> set[str]:
        return {self.code.lower(), self.type.lower()}


def detail(body: Any) -> Detail:
    """From `{"error": {…}}`, `{"error": "…"}`, a flat error, `{"detail": …}` or text."""
    if not isinstance(body, dict):
        return Detail(message=_words(body))
    inner = body.get("error")
    source: dict[str, Any] = inner if isinstance(inner, dict) else body
    message = source.get("message") or (inner if isinstance(inner, str) else "") or body.get("detail") or ""
    return Detail(
        message=_words(message),
        code=_text(source.get("code")),
        type=_text(source.get("type")),
        param=_text(source.get("param")),
        status=_status(body, source),
        filtered=_is_filtered(source),
    )


def from_http(
    status: int, headers: Mapping[str, str], content: bytes, redactor: Redactor
) -> ResponsesAPIError:
    """From an HTTP answer that is not a success."""
    body = _body(content)
    return _error(detail(body), status, headers, body, redactor)


def from_event(body: Any, headers: Mapping[str, str], redactor: Redactor) -> ResponsesAPIError:
    """From an `error` event or the error of a failed response, where HTTP said 200 long ago."""
    found = detail(body)
    error = _error(found, found.status, headers, body, redactor)
    error.may_have_run = True
    return error


def request_ids(headers: Mapping[str, str]) -> dict[str, str]:
    """What support asks for, by header name."""
    return {name: headers[name][:200] for name in REQUEST_ID_HEADERS if headers.get(name)}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `retry-after-ms` or `Retry-After` as seconds or as a date."""
    for name, scale in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
        if isfinite(seconds):
            return max(0.0, seconds)
    try:
        return max(0.0, parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time())
    except (KeyError, ValueError):
        return None


def _error(
    found: Detail, status: int | None, headers: Mapping[str, str], body: Any, redactor: Redactor
) -> ResponsesAPIError:
    member, kind = _classify(found, status)
    retryable = False if kind == "quota" else True if kind == "conflict" else None
    wait = retry_after(headers)
    return member(
        redactor.clean(found.message),
        kind=kind,
        status=status,
        code=redactor.clean(found.code or found.type, 100),
        param=redactor.clean(found.param, 100),
        retryable=retryable,
        retry_after=_wait_in(found.message) if wait is None and member is errors.RateLimited else wait,
        request_ids=request_ids(headers),
        body=redactor.clean_body(body),
    )


def _classify(found: Detail, status: int | None) -> tuple[type[ResponsesAPIError], str]:
    """The member and its kind; what the error calls itself counts before the status."""
    return _by_name(found) or _by_status(found, status)


def _by_name(found: Detail) -> tuple[type[ResponsesAPIError], str] | None:
    names = found.names
    gone = found.param == "previous_response_id" and "not found" in found.message.lower()
    if gone or _NO_ITEM.search(found.message) or "previous_response_not_found" in names:
        return errors.PreviousResponseNotFound, ""
    if found.filtered or names & _FILTERED:
        return errors.ContentFiltered, ""
    if "context_length_exceeded" in names:
        return errors.ContextTooLong, ""
    if names & _QUOTA:
        return errors.RateLimited, "quota"
    if names & _NO_DEPLOYMENT:
        return errors.NotFound, "deployment_not_found"
    return None


def _by_status(found: Detail, status: int | None) -> tuple[type[ResponsesAPIError], str]:
    if status is None:
        return _without_status(found)
    if status == 404 and _NO_RESPONSE.search(found.message):
        return errors.NotFound, "response_not_found"
    if 300 <= status < 400:
        return errors.BadConfiguration, "not_an_api"
    if status < 400 or status >= 500:
        return errors.UpstreamFault, ""
    longer = errors.ContextTooLong if _TOO_LONG.search(found.message) else errors.BadRequest
    return _BY_STATUS.get(status, (longer, ""))


def _without_status(found: Detail) -> tuple[type[ResponsesAPIError], str]:
    names = found.names
    if names & _LIMITED:
        return errors.RateLimited, ""
    if names & _REFUSED:
        return errors.Refused, ""
    if names & _FAULTS:
        return errors.UpstreamFault, ""
    if _TOO_LONG.search(found.message):
        return errors.ContextTooLong, ""
    return (errors.BadRequest if "invalid_request_error" in names else errors.UpstreamFault), ""


def _body(content: bytes) -> Any:
    try:
        return loads(content)[0]
    except Malformed:
        return content[:20_000].decode("utf-8", "replace")


def _is_filtered(source: dict[str, Any]) -> bool:
    inner = source.get("innererror") or source.get("inner_error")
    if not isinstance(inner, dict):
        return False
    return _text(inner.get("code")).lower() in _FILTERED or "content_filter_result" in inner


def _status(body: dict[str, Any], source: dict[str, Any]) -> int | None:
    for value in (
        body.get("status"),
        body.get("status_code"),
        source.get("status"),
        source.get("status_code"),
    ):
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def _wait_in(message: str) -> float | None:
    match = _WAIT_IN_TEXT.search(message)
    if not match:
        return None
    unit = (match[2] or "s").lower()
    scale = 0.001 if unit in ("ms", "millisecond", "milliseconds") else 60.0 if unit.startswith("m") else 1.0
    return float(match[1]) * scale


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _words(value: Any) -> str:
    """A message of any shape as text; of a page, the text that a person would see."""
    if isinstance(value, str):
        return _page_text(value) if value.lstrip()[:1] == "<" else value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_words, value)))
    if isinstance(value, dict):
        return _words(value.get("message") or value.get("msg") or value.get("detail") or "")
    return ""


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unseen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._unseen = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = ""

    def handle_data(self, data: str) -> None:
        if not self._unseen and data.strip():
            self.words.append(data.strip())


def _page_text(text: str) -> str:
    page = _Page()
    page.feed(text)
    page.close()
    return " ".join(page.words)

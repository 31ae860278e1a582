"""Everything that can go wrong upstream, as one small tree. Catch at the level you care about.

    ResponsesAPIError
    ├── BadConfiguration             before any request: the endpoint, the key or the identity is unusable
    ├── Unreachable                  no connection, or it broke before an answer began
    ├── Stalled                      connected, but silent for too long
    ├── StreamCut                    a stream broke off, or ended without saying how the response ended
    ├── Refused                      401, 403
    ├── NotFound                     404
    ├── RateLimited                  429, also inside a stream
    ├── UpstreamFault                5xx, or an answer that makes no sense
    ├── Unfinished                   `response.incomplete`: the output ran into a limit
    └── BadRequest                   400, 409, 413, 422
        ├── PreviousResponseNotFound     what the input refers to is gone, or not yet visible
        ├── ContentFiltered              the prompt or the output was filtered
        └── ContextTooLong               the model's context window is full

Each member carries what a caller decides by (`kind`, `retryable`, `retry_after`, `may_have_run`), what a
person reads (`summary`, `message`, `advice`) and what support asks for (`status`, `code`, `request_ids`).
No member ever holds a key or a token.
"""

from typing import Any, ClassVar

from conversations.responses_api.advice import ADVICE, SUMMARIES


class ResponsesAPIError(Exception):
    """`str(error)` is what upstream said, or our summary where it said nothing.

    kind          what happened, finer than the class; a key of `advice.ADVICE`
    status        HTTP status, None when there was none (inside a stream, or no answer)
    retryable     the very same request may succeed later
    retry_after   seconds that upstream asks to wait
    may_have_run  upstream may have started, stored and billed a response all the same
    body          the error as upstream sent it (JSON or text), bounded and without secrets
    """

    default_kind: ClassVar[str] = "unknown"
    default_retryable: ClassVar[bool] = False
    default_may_have_run: ClassVar[bool] = False

    def __init__(  # noqa: PLR0913  # all but the message by name
        self,
        message: str = "",
        *,
        kind: str = "",
        status: int | None = None,
        code: str = "",
        param: str = "",
        retryable: bool | None = None,
        retry_after: float | None = None,
        may_have_run: bool | None = None,
        request_ids: dict[str, str] | None = None,
        body: Any = None,
    ) -> None:
        self.kind = kind or self.default_kind
        self.status = status
        self.code = code
        self.param = param
        self.retryable = self.default_retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.may_have_run = self.default_may_have_run if may_have_run is None else may_have_run
        self.request_ids = request_ids or {}
        self.body = body
        self.message = message or self.summary
        super().__init__(self.message)

    @property
    def summary(self) -> str:
        """What happened, in our words; one of a fixed set, marked for translation."""
        return SUMMARIES.get(self.kind) or SUMMARIES[self.default_kind]

    @property
    def advice(self) -> str:
        """What a person can do about it; one of a fixed set, marked for translation."""
        return ADVICE.get(self.kind) or ADVICE[self.default_kind]

    def as_dict(self) -> dict[str, Any]:
        """For a row or a frame: everything but the body."""
        return {
            "kind": self.kind,
            "summary": self.summary,
            "message": self.message,
            "advice": self.advice,
            "status": self.status,
            "code": self.code,
            "param": self.param,
            "retryable": self.retryable,
            "retry_after": self.retry_after,
            "may_have_run": self.may_have_run,
            "request_ids": self.request_ids,
        }


class BadConfiguration(ResponsesAPIError):
    default_kind = "bad_configuration"


class Unreachable(ResponsesAPIError):
    default_kind = "unreachable"
    default_retryable = True


class Stalled(ResponsesAPIError):
    default_kind = "stalled"
    default_retryable = True
    default_may_have_run = True


class StreamCut(ResponsesAPIError):
    default_kind = "stream_cut"
    default_retryable = True
    default_may_have_run = True


class Refused(ResponsesAPIError):
    default_kind = "refused"


class NotFound(ResponsesAPIError):
    """`kind` tells a missing response ("response_not_found") from a wrong deployment or address."""

    default_kind = "not_found"


class RateLimited(ResponsesAPIError):
    default_kind = "rate_limited"
    default_retryable = True


class UpstreamFault(ResponsesAPIError):
    default_kind = "upstream_fault"
    default_retryable = True
    default_may_have_run = True


class Unfinished(ResponsesAPIError):
    default_kind = "incomplete"
    default_may_have_run = True


class BadRequest(ResponsesAPIError):
    default_kind = "bad_request"


class PreviousResponseNotFound(BadRequest):
    default_kind = "previous_response_not_found"


class ContentFiltered(BadRequest):
    default_kind = "content_filtered"


class ContextTooLong(BadRequest):
    default_kind = "context_too_long"

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from conversations.responses_api import (
    BadConfiguration,
    BadRequest,
    ContentFiltered,
    ContextTooLong,
    NotFound,
    PreviousResponseNotFound,
    RateLimited,
    Refused,
    ResponsesAPIError,
    Stalled,
    Unfinished,
    UpstreamFault,
    error_of,
)
from conversations.responses_api.advice import ADVICE, SUMMARIES
from conversations.responses_api.diagnosis import from_event, from_http, retry_after
from conversations.responses_api.redaction import Redactor

GONE = "previous_response_not_found"
CHAIN = {"message": "Previous response with id 'resp_1' not found.", "param": "previous_response_id"}
INNER = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}}


def answered(status: int, body: Any = b"", **headers: str) -> ResponsesAPIError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return from_http(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, content, Redactor()
    )


@pytest.mark.parametrize(
    ("status", "body", "member", "kind"),
    [
        (400, {"error": {**CHAIN, "code": GONE}}, PreviousResponseNotFound, GONE),
        (400, {"error": {**CHAIN, "code": None}}, PreviousResponseNotFound, GONE),
        (400, {"error": {"innererror": INNER}}, ContentFiltered, "content_filtered"),
        (400, {"error": {"code": "content_filter"}}, ContentFiltered, "content_filtered"),
        (400, {"error": {"inner_error": INNER}}, ContentFiltered, "content_filtered"),
        (400, {"error": {"code": "context_length_exceeded"}}, ContextTooLong, "context_too_long"),
        (400, {"error": {"message": "context window"}}, ContextTooLong, "context_too_long"),
        (400, {"error": {"message": "No tool output found", "param": "input"}}, BadRequest, "bad_request"),
        (409, {"error": {"message": "busy"}}, BadRequest, "conflict"),
        (413, b"too big", BadRequest, "too_large"),
        (422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, BadRequest, "bad_request"),
        (401, {"statusCode": 401, "message": "Unauthorized. Access token is missing"}, Refused, "refused"),
        (403, {"error": {"code": "PermissionDenied", "message": "no"}}, Refused, "forbidden"),
        (404, {"error": {"message": "Response with id 'resp_1' not found."}}, NotFound, "response_not_found"),
        (404, {"error": {"code": "DeploymentNotFound", "message": "no"}}, NotFound, "deployment_not_found"),
        (404, {"error": {"code": "404", "message": "Resource not found"}}, NotFound, "not_found"),
        (400, {"error": {"code": "model_not_found", "message": "no"}}, NotFound, "deployment_not_found"),
        (408, b"", Stalled, "stalled"),
        (429, {"error": {"code": "429", "message": "slow down"}}, RateLimited, "rate_limited"),
        (429, {"error": {"code": "insufficient_quota", "message": "pay"}}, RateLimited, "quota"),
        (500, {"error": {"type": "server_error"}}, UpstreamFault, "upstream_fault"),
        (503, b"", UpstreamFault, "upstream_fault"),
        (302, b"", BadConfiguration, "not_an_api"),
        (418, b"teapot", BadRequest, "bad_request"),
    ],
)  # fmt: skip
def test_each_refusal_is_the_member_that_says_what_it_means(
    status: int, body: Any, member: type[ResponsesAPIError], kind: str
) -> None:
    error = answered(status, body)
    assert (type(error), error.kind, error.status) == (member, kind, status)
    assert error.summary
    assert error.advice
    assert str(error)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "It broke.", "code": "x"}}, "It broke."),
        ({"error": {"message": "It broke."}}, "It broke."),
        ({"error": "It broke."}, "It broke."),
        ({"message": "It broke."}, "It broke."),
        ({"detail": "It broke."}, "It broke."),
        ({"detail": {"msg": "It broke."}}, "It broke."),
        ({"detail": [{"msg": "It"}, {"msg": "broke."}]}, "It; broke."),
        (b"It broke.", "It broke."),
        (b"<html><head><style>p{}</style></head><body><h1>It</h1>\n<p>broke.</p></body></html>", "It broke."),
        ("It broke.", "It broke."),
        (b"It\x00 \x07 broke.", "It broke."),
    ],
)
def test_every_shape_of_body_gives_up_its_message(body: Any, said: str) -> None:
    assert answered(500, body).message == said


@pytest.mark.parametrize(
    "body", [b"", {}, [], None, {"error": None}, {"error": {}}, {"error": {"code": None}}, 7]
)
def test_a_body_that_says_nothing_gets_our_words(body: Any) -> None:
    assert str(answered(500, body)) == SUMMARIES["upstream_fault"]


def test_a_body_is_kept_only_so_deep() -> None:
    deep: Any = "bottom"
    for _ in range(20):
        deep = [deep]
    assert "bottom" not in str(answered(500, deep).body)


def test_a_message_is_bounded() -> None:
    error = answered(500, {"error": {"message": "x" * 10_000}})
    assert len(error.message) == 500
    assert len(str(error.body)) <= 4000


def test_request_ids_code_and_param_are_kept() -> None:
    error = answered(
        400,
        {"error": {"code": "bad", "param": "input", "message": "no"}},
        x_request_id="a",
        apim_request_id="b",
    )
    assert (error.code, error.param) == ("bad", "input")
    assert error.request_ids == {"x-request-id": "a", "apim-request-id": "b"}
    assert error.as_dict()["request_ids"] == error.request_ids
    assert error.body == {"error": {"code": "bad", "param": "input", "message": "no"}}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_how_long_to_wait_may_be_a_date() -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 28 <= (retry_after({"retry-after": then}) or 0) <= 30
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert retry_after({"retry-after": past}) == 0.0


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Please retry after 7 seconds.", 7.0),
        ("Please try again in 1.2s.", 1.2),
        ("Please try again in 250ms.", 0.25),
        ("Retry after 2 minutes", 120.0),
        ("No idea.", None),
    ],
)
def test_a_stream_says_in_its_text_how_long_to_wait(message: str, seconds: float | None) -> None:
    error = from_event({"error": {"code": "rate_limit_exceeded", "message": message}}, {}, Redactor())
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(seconds)


def test_what_may_be_tried_again_says_so() -> None:
    assert answered(429).retryable
    assert answered(503).retryable
    assert answered(409).retryable
    assert not answered(429, {"error": {"code": "insufficient_quota"}}).retryable
    assert not answered(400).retryable
    assert not answered(401).retryable


def test_only_what_may_have_run_says_so() -> None:
    assert answered(500).may_have_run
    assert not answered(429).may_have_run
    assert from_event({"error": {"code": "rate_limit_exceeded"}}, {}, Redactor()).may_have_run


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"type": "error", "code": "server_error", "message": "flat"}, UpstreamFault),
        ({"type": "error", "error": {"type": "too_many_requests", "message": "nested"}}, RateLimited),
        ({"type": "error", "error": {"code": "no_such_code", "message": "?"}}, UpstreamFault),
        ({"type": "error", "error": {"type": "invalid_request_error", "message": "?"}}, BadRequest),
        ({"type": "error", "status": 429, "error": {"message": "?"}}, RateLimited),
        ({"type": "error", "error": {"code": "context_length_exceeded"}}, ContextTooLong),
        ({"type": "error", "error": {"message": "Your input exceeds the context window"}}, ContextTooLong),
        ({"type": "error", "error": {"code": "invalid_api_key"}}, Refused),
        ({"type": "error", "error": "just text"}, UpstreamFault),
        ({"type": "error"}, UpstreamFault),
    ],
)
def test_an_error_inside_a_stream_is_told_by_its_name(body: Any, member: type[ResponsesAPIError]) -> None:
    assert type(from_event(body, {}, Redactor())) is member


def test_a_failed_or_incomplete_response_tells_its_error() -> None:
    failed = error_of({"status": "failed", "error": {"code": "server_error", "message": "Oh."}})
    assert isinstance(failed, UpstreamFault)
    assert str(failed) == "Oh."
    filtered = error_of({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}})
    assert isinstance(filtered, ContentFiltered)
    long = error_of({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}})
    assert isinstance(long, Unfinished)
    assert long.kind == "max_output_tokens"
    assert long.advice == ADVICE["max_output_tokens"]
    odd = error_of({"status": "incomplete", "incomplete_details": {"reason": "steered"}})
    assert odd is not None
    assert odd.advice == ADVICE["incomplete"]
    assert isinstance(error_of({"status": "incomplete"}), Unfinished)
    assert error_of({"status": "failed", "error": None}) is not None
    assert error_of({"status": "completed"}) is None


SECRET = "0123456789abcdefCANARY"


@pytest.mark.parametrize(
    "said",
    [
        f"The key {SECRET} is wrong",
        "Bearer abcdefghijklmnop.qrstuv is wrong",
        "Incorrect API key provided: sk-proj-abcdefgh12345",
        "Incorrect API key provided: CANA****XYZZ.",
        'header "api-key": "CANARYCANARYCANARY"',
        "token eyJhbGciOiJIUzI1NiJ9.eyJDQU5BUlkiOjF9.c2ln expired",
    ],
)
def test_no_secret_survives_in_an_error(said: str) -> None:
    redactor = Redactor()
    redactor.learn(SECRET)
    content = json.dumps({"error": {"message": said, "code": said, "param": said, said: [said]}}).encode()
    error = from_http(401, {}, content, redactor)
    shown = json.dumps([error.as_dict(), error.body, str(error), repr(error)])
    assert "[redacted]" in shown
    for part in ("CANA", "abcdefgh", "eyJ", "XYZZ"):
        assert part not in shown


def test_a_redactor_remembers_the_last_few_secrets() -> None:
    redactor = Redactor()
    for number in range(10):
        redactor.learn(f"secret-number-{number}")
    assert redactor.clean("secret-number-9 secret-number-6") == "[redacted] [redacted]"
    assert redactor.clean("a plain sentence about api keys") == "a plain sentence about api keys"


def test_every_kind_has_words_for_what_happened_and_what_to_do() -> None:
    members = [ResponsesAPIError]
    for member in members:
        members += member.__subclasses__()
        assert member.default_kind in ADVICE
        assert member().summary
    assert all(words.endswith(".") for words in (*ADVICE.values(), *SUMMARIES.values()))

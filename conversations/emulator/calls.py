"""One request to the API: what is the same for every operation, before and after it."""

import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from conversations.emulator import auth, codec, errors, refusals
from conversations.emulator.auth import Flavour
from conversations.emulator.errors import ApiError
from conversations.emulator.faults import Faults
from conversations.emulator.recorder import Recorded
from conversations.emulator.service import Emulator
from conversations.emulator.streaming.wire import reset

Json = dict[str, Any]


@dataclass
class Call:
    """``faults`` are those queued for it; ``headers`` go out with the answer, whatever it is."""

    request: Request
    emulator: Emulator
    flavour: Flavour
    recorded: Recorded
    faults: Faults = field(default_factory=Faults)
    headers: dict[str, str] = field(default_factory=dict)

    def json(self, body: Any, status: int = 200) -> Response:
        return Response(codec.dumps(body), status, self.headers, media_type="application/json")

    @property
    def response_id(self) -> str:
        response_id: str = self.request.path_params["response_id"]
        self.recorded.response_id = response_id
        return response_id


Operation = Callable[[Call], Awaitable[ASGIApp]]


def endpoint(name: str, flavour: Flavour, operation: Operation) -> Callable[[Request], Awaitable[Any]]:
    async def answer(request: Request) -> ASGIApp:
        emulator: Emulator = request.app.state.emulator
        recorded = await emulator.recorder.add(name, request)
        call = Call(request, emulator, flavour, recorded, headers=_headers(flavour))
        try:
            _admit(call)
            call.faults, streamed = _faults(call)
            await refusals.meet(call.faults, emulator.settings.latency, streamed=streamed)
            answered = await operation(call)
        except ApiError as error:
            call.headers |= error.headers
            answered = _refused(call, error)
        if isinstance(answered, Response):
            recorded.status, recorded.outcome = answered.status_code, "answered"
        if isinstance(answered, Response) and "unheard" in call.faults:
            recorded.outcome = "cut"
            reset(request.scope)
        return answered

    return answer


def _admit(call: Call) -> None:
    settings = call.emulator.settings
    auth.check_key(call.flavour, call.request.headers, settings.key, call.emulator.tokens)
    auth.check_version(call.flavour, call.request.query_params.get("api-version"))


def _faults(call: Call) -> tuple[Faults, bool]:
    """The faults of the deployment's name and of the queue, and whether the request asks for a stream."""
    body = call.recorded.json()
    body = body if isinstance(body, dict) else {}
    model = body.get("model") if isinstance(body.get("model"), str) else None
    try:
        named = Faults.parse((model or "").partition("+")[2])
    except ValueError as wrong:
        raise errors.invalid(str(wrong), param="model", code="unknown_fault") from wrong
    return named | call.emulator.queue.take(call.recorded.operation, model), bool(body.get("stream"))


def _refused(call: Call, error: ApiError) -> Response:
    if isinstance(error.body, str):
        return Response(error.body, error.status, call.headers, media_type="text/html")
    return call.json(error.body, error.status)


def _headers(flavour: Flavour) -> dict[str, str]:
    headers = {
        "x-request-id": str(uuid.uuid4()) if flavour.azure else f"req_{secrets.token_hex(16)}",
        "x-ratelimit-limit-requests": "6000",
        "x-ratelimit-remaining-requests": "5999",
        "x-ratelimit-limit-tokens": "600000",
        "x-ratelimit-remaining-tokens": "598000",
    }
    if flavour.azure:
        return headers | {"apim-request-id": str(uuid.uuid4()), "x-ms-region": "Sweden Central"}
    return headers | {"openai-processing-ms": "42", "openai-version": "2020-10-01"}

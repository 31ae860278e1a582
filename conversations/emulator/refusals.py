"""The faults that answer a request before anything is generated."""

import asyncio
import uuid
from collections.abc import Callable

from conversations.emulator import errors
from conversations.emulator.errors import ApiError
from conversations.emulator.faults import Faults


async def meet(faults: Faults, latency: float = 0, *, streamed: bool = True) -> None:
    """Waits as long as is asked for, then raises the refusal that is asked for. What only a stream can tell
    is a plain refusal for those who don't stream."""
    seconds = faults.number("latency") or latency
    if seconds:
        await asyncio.sleep(seconds)
    for name, arg in faults.args.items():
        if name in REFUSALS:
            raise REFUSALS[name](arg)
        if name in UNSTREAMED and not streamed:
            raise UNSTREAMED[name](arg)


def _no_right(_arg: str) -> ApiError:
    message = (
        "The principal lacks the required data action "
        "`Microsoft.CognitiveServices/accounts/OpenAI/responses/write` to perform `POST /openai/responses`."
    )
    return errors.gateway(403, "PermissionDenied", message)


def _rate_limited(arg: str) -> ApiError:
    if arg == "none":
        return errors.too_many_requests({})
    if arg.startswith("ms:"):
        return errors.too_many_requests({"retry-after-ms": arg[3:]})
    return errors.too_many_requests({"retry-after": arg, "retry-after-ms": str(int(arg) * 1000)})


def _bad_gateway(_arg: str) -> ApiError:
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return ApiError(502, page)


def _unavailable(arg: str) -> ApiError:
    return errors.gateway(
        503, "ServiceUnavailable", "The service is temporarily unavailable.", {"retry-after": arg}
    )


REFUSALS: dict[str, Callable[[str], ApiError]] = {
    "401": lambda _arg: errors.wrong_key(),
    "403": _no_right,
    "404": lambda _arg: errors.deployment_not_found(),
    "429": _rate_limited,
    "500": lambda _arg: errors.server_error(str(uuid.uuid4())),
    "502": _bad_gateway,
    "503": _unavailable,
    "bare": lambda arg: ApiError(int(arg), {"error": {"message": "Something is wrong with this request."}}),
    "detail": lambda arg: ApiError(int(arg), {"detail": "Something is wrong with this request."}),
    "filter-prompt": lambda _arg: errors.prompt_filtered(),
    "too-long": lambda _arg: errors.context_too_long(),
}

UNSTREAMED: dict[str, Callable[[str], ApiError]] = {
    "429-stream": lambda _arg: _rate_limited("2"),
    "error-first": REFUSALS["500"],
    "too-long-stream": REFUSALS["too-long"],
}

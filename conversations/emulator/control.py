"""/_emulator/…: what tests and people at the demo turn and look at. No key is asked for."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conversations.emulator import codec, faults, validation
from conversations.emulator.errors import ApiError, invalid
from conversations.emulator.service import Emulator

Json = dict[str, Any]


def _emulator(request: Request) -> Emulator:
    emulator: Emulator = request.app.state.emulator
    return emulator


def _json(body: Any, status: int = 200) -> Response:
    return Response(codec.dumps(body), status, media_type="application/json")


async def _body(request: Request) -> Json:
    try:
        body = codec.loads(await request.body())
    except ValueError as wrong:
        raise invalid("The body is not JSON.") from wrong
    if not isinstance(body, dict):
        raise validation.wrong_type("body", "an object", body)
    return body


async def list_requests(request: Request) -> Response:
    """Newest last; ``?operation=create`` and ``?after=NUMBER`` narrow it."""
    query = request.query_params
    operation, after = query.get("operation"), int(query.get("after", "0"))
    recorded = _emulator(request).recorder.requests
    wanted = [each for each in recorded if each.number > after and operation in (None, each.operation)]
    return _json({"requests": [each.shown() for each in wanted]})


async def clear_requests(request: Request) -> Response:
    _emulator(request).recorder.requests.clear()
    return _json({"requests": []})


async def streams(request: Request) -> Response:
    """Answers under way: streams, and creations that aren't streamed."""
    wires = _emulator(request).wires
    shown = [
        {
            "number": recorded.number,
            "operation": recorded.operation,
            "response_id": recorded.response_id,
            "frames_sent": wire.frames_sent,
        }
        for wire, recorded in wires.items()
    ]
    return _json({"streams": shown, "background": sorted(_emulator(request).runs)})


async def read_clock(request: Request) -> Response:
    clock = _emulator(request).clock
    return _json({"now": clock.now(), "offset": clock.offset})


async def set_clock(request: Request) -> Response:
    """``{"now": SECONDS}``, ``{"offset": SECONDS}`` or ``{"advance": SECONDS}``."""
    emulator, body = _emulator(request), await _body(request)
    match body:
        case {"now": float() | int() as now}:
            emulator.clock.set(now)
        case {"offset": float() | int() as offset}:
            emulator.clock.offset = offset
        case {"advance": float() | int() as seconds}:
            emulator.clock.advance(seconds)
        case _:
            raise invalid("Give one of now, offset and advance, in seconds.")
    emulator.move_clock(emulator.clock.offset)
    return await read_clock(request)


async def list_faults(request: Request) -> Response:
    kinds = {name: {"does": kind.told, "default": kind.default} for name, kind in faults.KINDS.items()}
    waiting = [queued.shown() for queued in _emulator(request).queue.waiting]
    return _json({"kinds": kinds, "waiting": waiting})


async def add_fault(request: Request) -> Response:
    """``{"faults": "429=3+slow", "times": 1, "operation": "create", "model": "gpt-5.1"}``; only the first is
    needed. ``{"faults": "500", "share": 0.02, "seed": 7}`` strikes two requests in a hundred from then on."""
    body = await _body(request)
    try:
        wanted = faults.Faults.parse(body.get("faults", ""))
    except ValueError as wrong:
        raise invalid(str(wrong)) from wrong
    share = None if body.get("share") is None else float(body["share"])
    queued = faults.Queued(
        wanted,
        int(body.get("times", 1)),
        body.get("operation"),
        body.get("model"),
        share,
        int(body.get("seed", 0)),
    )
    _emulator(request).queue.add(queued)
    return await list_faults(request)


async def clear_faults(request: Request) -> Response:
    _emulator(request).queue.waiting.clear()
    return await list_faults(request)


async def list_responses(request: Request) -> Response:
    """All that the store holds, seen from inside: what isn't visible yet and what has expired too."""
    emulator = _emulator(request)
    return _json({"responses": [_told(emulator, stored) for stored in emulator.store.all()]})


async def add_responses(request: Request) -> Response:
    """``{"count": 10000, "model": "gpt-5.1", "age": 3600}``: as many stored responses, which ended so many
    seconds ago, in one go; answers their ids."""
    emulator, body = _emulator(request), await _body(request)
    count, age = int(body.get("count", 1)), float(body.get("age", 0))
    return _json({"ids": emulator.add_many(count, str(body.get("model", "gpt-5.1")), age)})


async def list_ids(request: Request) -> Response:
    """Of all that the store holds; quick for a hundred thousand."""
    return _json({"ids": _emulator(request).store.ids()})


def _told(emulator: Emulator, stored: Any) -> Json:
    now = emulator.clock.now()
    return {
        "id": stored.body["id"],
        "status": emulator.current(stored)["status"],
        "model": stored.body["model"],
        "background": stored.background,
        "streamed": stored.streamed,
        "previous_response_id": stored.body["previous_response_id"],
        "metadata": stored.body["metadata"],
        "created_at": stored.created_at,
        "visible_at": stored.visible_at,
        "expires_at": stored.expires_at,
        "visible": stored.visible_at <= now < stored.expires_at,
    }


async def read_settings(request: Request) -> Response:
    shown = {name: value for name, value in vars(_emulator(request).settings).items() if name not in SECRET}
    return _json(shown | {"store": str(shown["store"])})


SECRET = ("key", "identity_header")


async def change_settings(request: Request) -> Response:
    emulator, body = _emulator(request), await _body(request)
    try:
        emulator.settings = emulator.settings.changed(body)
    except ValueError as wrong:
        raise invalid(str(wrong)) from wrong
    return await read_settings(request)


async def revoke_tokens(request: Request) -> Response:
    _emulator(request).tokens.revoke()
    return _json({"issued": _emulator(request).tokens.issued})


async def break_connections(request: Request) -> Response:
    """Resets every answer under way, as a failing network would."""
    return _json({"broken": _emulator(request).break_connections()})


async def reset(request: Request) -> Response:
    _emulator(request).reset()
    return _json({})


def refused(_request: Request, error: Exception) -> Response:
    """Starlette's handler for refusals that these endpoints raise."""
    if not isinstance(error, ApiError):
        raise error
    return _json(error.body, error.status)


TABLE = (
    ("GET", "requests", list_requests),
    ("DELETE", "requests", clear_requests),
    ("GET", "streams", streams),
    ("POST", "streams/break", break_connections),
    ("GET", "clock", read_clock),
    ("PUT", "clock", set_clock),
    ("GET", "faults", list_faults),
    ("POST", "faults", add_fault),
    ("DELETE", "faults", clear_faults),
    ("GET", "responses", list_responses),
    ("POST", "responses", add_responses),
    ("GET", "ids", list_ids),
    ("GET", "settings", read_settings),
    ("PATCH", "settings", change_settings),
    ("POST", "tokens/revoke", revoke_tokens),
    ("POST", "reset", reset),
)


def routes() -> list[Route]:
    return [Route(f"/_emulator/{path}", run, methods=[verb]) for verb, path, run in TABLE]

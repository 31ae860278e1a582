"""The operations of the Responses API, the same behind each of its three paths."""

from typing import Any

from starlette.routing import Route
from starlette.types import ASGIApp

from conversations.emulator import (
    codec,
    computer,
    creation,
    errors,
    functions,
    hosted,
    limits,
    listing,
    sight,
    structured,
    validation,
    window,
)
from conversations.emulator.auth import Flavour
from conversations.emulator.calls import Call, endpoint
from conversations.emulator.creation import Creation
from conversations.emulator.streaming.event_log import EventLog
from conversations.emulator.streams import Following, Foreground, Unstreamed, replay_breaks

Json = dict[str, Any]

# Tools that the dated previews don't know.
NEW_IN_V1 = ("web_search", "web_search_preview", "mcp", "computer")


def routes() -> list[Route]:
    return [route for flavour in Flavour for route in _routes(flavour)]


def _routes(flavour: Flavour) -> list[Route]:
    one = f"{flavour.value}/responses/{{response_id}}"
    table = (
        ("POST", f"{flavour.value}/responses", "create", create),
        ("GET", f"{flavour.value}/responses", "list", list_responses),
        ("POST", f"{flavour.value}/responses/input_tokens", "input_tokens", input_tokens),
        ("GET", one, "retrieve", retrieve),
        ("DELETE", one, "delete", delete),
        ("POST", f"{one}/cancel", "cancel", cancel),
        ("GET", f"{one}/input_items", "input_items", input_items),
    )
    return [Route(path, endpoint(name, flavour, run), methods=[verb]) for verb, path, name, run in table]


async def create(call: Call) -> ASGIApp:
    request = validation.check(_body(call))
    deployment = creation.deployment_of(request["model"], call.flavour.azure)
    structured.check(request)
    validation.check_for_model(request, deployment.efforts)
    limits.check(request, deployment, version=_dated_version(call))
    lacks = deployment.lacks + (NEW_IN_V1 if call.flavour is Flavour.AZURE_DATED else ())
    hosted.check_tools(request.get("tools") or [], deployment.model, lacks)
    functions.check_tools(request.get("tools") or [])
    computer.check_request(request, deployment)
    _check_conversation(request)
    _check_sight(call, request)
    window.check(request)
    call.emulator.store.purge(call.emulator.clock.now())
    context = creation.context_of(call.emulator, request)
    validation.check_calls(window.since_compaction(context))
    computer.check_answers(request, context)
    reading = window.read(request, deployment, context)
    made = Creation(request, deployment, call.faults, context, reading)
    return _background(call, made) if request.get("background") else _foreground(call, made)


def _dated_version(call: Call) -> str:
    version = call.request.query_params.get("api-version", "")
    return version if call.flavour is Flavour.AZURE_DATED else ""


def _check_sight(call: Call, request: Json) -> None:
    given = request.get("input")
    if isinstance(given, list):
        sight.check(given, addresses=call.flavour is not Flavour.AZURE_DATED)


def _check_conversation(request: Json) -> None:
    """Plain resources have no conversations, so none is ever found."""
    given = request.get("conversation")
    if given is not None:
        named = given.get("id") if isinstance(given, dict) else given
        raise errors.invalid(f"Conversation with id '{named}' not found.", param="conversation", status=404)


def _body(call: Call) -> Any:
    try:
        return codec.loads(call.recorded.body)
    except ValueError as wrong:
        message = "We could not parse the JSON body of your request. The API expects a JSON payload."
        raise errors.invalid(message) from wrong


def _foreground(call: Call, made: Creation) -> ASGIApp:
    streamed = bool(made.request.get("stream"))
    return Foreground(call, made) if streamed else Unstreamed(call, made)


def _background(call: Call, made: Creation) -> ASGIApp:
    streamed = bool(made.request.get("stream"))
    script = creation.script_of(call.emulator, made, on_end=lambda _script: None)
    run = call.emulator.start(script, made.context, streamed=streamed)
    call.recorded.response_id = script.response["id"]
    if not streamed:
        return call.json(script.response)
    return Following(call, run.log, made.faults, after=-1, breaks=run.breaks, clear=False)


async def input_tokens(call: Call) -> ASGIApp:
    """How much a create request would have the model read."""
    if call.flavour is Flavour.AZURE_DATED:
        raise errors.resource_not_found()
    request = validation.check(_body(call))
    creation.deployment_of(request["model"], call.flavour.azure)
    _check_sight(call, request)
    number = window.count(request, creation.context_of(call.emulator, request))
    return call.json({"object": "response.input_tokens", "input_tokens": number})


async def retrieve(call: Call) -> ASGIApp:
    stored = call.emulator.find(call.response_id)
    if call.request.query_params.get("stream") != "true":
        return call.json(call.emulator.current(stored))
    return _replay(call, call.emulator.log(stored))


def _replay(call: Call, log: EventLog) -> ASGIApp:
    query = call.request.query_params
    given = query.get("starting_after", "-1")
    if given != "-1" and not given.isdecimal():
        raise validation.wrong_type("starting_after", "an integer", given)
    clear = query.get("include_obfuscation") == "false"
    breaks = replay_breaks(call.faults, int(given))
    return Following(call, log, call.faults, after=int(given), breaks=breaks, clear=clear)


async def delete(call: Call) -> ASGIApp:
    call.emulator.delete(call.response_id)
    kind = "response.deleted" if call.flavour.azure else "response"
    return call.json({"id": call.response_id, "object": kind, "deleted": True})


async def cancel(call: Call) -> ASGIApp:
    return call.json(call.emulator.cancel(call.response_id))


async def input_items(call: Call) -> ASGIApp:
    call.emulator.find(call.response_id)
    items = call.emulator.store.context(call.response_id)
    return call.json(listing.page(items, call.request.query_params))


async def list_responses(call: Call) -> ASGIApp:
    if not call.emulator.settings.list_enabled:
        raise errors.resource_not_found()
    bodies = [call.emulator.current(stored) for stored in call.emulator.visible()]
    return call.json(listing.page(bodies, call.request.query_params))

"""How a response that upstream has joins the ledger, or is found to be there already."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery

from conversations import clock
from conversations.models import Deployment, Endpoint, LooseEnd, Response, Team
from conversations.models.responses import OPEN, Direction, History, Origin, Status, UpstreamState
from conversations.responses_api import error_of
from conversations.stored import items, references, searching, tokens, usage
from conversations.stored.fetching import Fetched
from conversations.stored.noting import Said, note

# What a response repeats of its request and is worth keeping beside the columns.
PARAMETERS = (
    *("max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "prompt_cache_key"),
    *("reasoning", "safety_identifier", "service_tier", "temperature", "text", "tool_choice", "top_logprobs"),
    *("top_p", "truncation"),
)
# Of tools of the type mcp; the API promises not to repeat them, other servers don't.
SECRET = ("authorization", "headers")
ENDED = (Status.COMPLETED, Status.INCOMPLETE, Status.FAILED, Status.CANCELLED)


class StillRunning(Exception):
    """Upstream works on it; it can join when it has ended."""


def known(endpoint: Endpoint, response_id: str) -> Response | None:
    return Response.objects.filter(endpoint=endpoint, response_id=response_id).first()


def join(fetched: Fetched, deployment: Deployment, team: Team | None) -> tuple[Response, bool]:
    """The row, and whether it is new. One that is known is only marked as seen."""
    endpoint = deployment.endpoint
    row = known(endpoint, fetched.response_id) or _learned(endpoint, fetched)
    if row is not None:
        note(row, Said.HERE, clock.now())
        return row, False
    try:
        with transaction.atomic():
            return _create(fetched, deployment, team), True
    except IntegrityError:
        # Another import, or the chat, was quicker.
        row = known(endpoint, fetched.response_id)
        if row is None:
            raise
        return row, False


def _learned(endpoint: Endpoint, fetched: Fetched) -> Response | None:
    """Our own response whose id was lost with its worker: we sent our key along, and here it comes back."""
    run = _uuid(_object(fetched.body.get("metadata")).get("run_id"))
    if run is None:
        return None
    unlearned = Response.objects.filter(response_id=None, upstream_state=UpstreamState.NOT_LEARNED)
    lost = unlearned.filter(pk=run, endpoint=endpoint).exclude(status__in=OPEN)
    created = _time(fetched.body.get("created_at"))
    expiry = created + timedelta(days=endpoint.retention_days)
    learned = {"response_id": fetched.response_id, "expires_at": expiry, "model": _model(fetched.body)}
    return known(endpoint, fetched.response_id) if usage.change(lost, **learned) else None


def _create(fetched: Fetched, deployment: Deployment, team: Team | None) -> Response:
    body, endpoint = fetched.body, deployment.endpoint
    if body.get("status") not in ENDED:
        raise StillRunning
    made_with = _deployment(body, deployment)
    previous_id = _previous_id(body)
    previous = known(endpoint, previous_id) if previous_id else None
    said = [*fetched.input, *fetched.output]
    row = Response.objects.create(
        origin=Origin.IMPORT,
        team=team,
        endpoint=endpoint,
        deployment=made_with,
        previous=previous,
        response_id=fetched.response_id,
        status=Status(body["status"]),
        upstream_state=UpstreamState.STORED,
        upstream_seen_at=clock.now(),
        size=items.size_of(said) + references.size_of(said),
        history=History.CHAINED if previous_id else History.FRESH,
        **_columns(body, endpoint),
        **_usage(body, made_with),
    )
    items.add(row, Direction.INPUT, fetched.input)
    items.add(row, Direction.OUTPUT, fetched.output)
    references.attach(row, fetched.files)
    searching.index(row)
    if previous_id and previous is None:
        LooseEnd.objects.create(response=row, endpoint=endpoint, previous_response_id=previous_id)
    usage.count_end(row)
    return row


def tie_loose_ends(endpoint: Endpoint) -> int:
    """Links responses to the ones before them that have come meanwhile; how many."""
    before = Response.objects.filter(
        endpoint=OuterRef("endpoint"), response_id=OuterRef("previous_response_id")
    ).values("pk")[:1]
    ends = LooseEnd.objects.filter(endpoint=endpoint).annotate(previous=Subquery(before))
    tied = list(ends.filter(previous__isnull=False).exclude(previous=F("response")))
    with transaction.atomic():
        for end in tied:
            Response.objects.filter(pk=end.response_id).update(previous=end.previous)
        LooseEnd.objects.filter(pk__in=[end.pk for end in tied]).delete()
    return len(tied)


def _columns(body: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    created = _time(body.get("created_at"))
    error = error_of(body) if body.get("status") == Status.FAILED else None
    return {
        "queued_at": created,
        "started_at": created,
        "ended_at": _time(body["completed_at"]) if body.get("completed_at") else created,
        "expires_at": created + timedelta(days=endpoint.retention_days),
        "background": bool(body.get("background")),
        "model": _model(body),
        "instructions": _text(body.get("instructions")),
        "tools": [_without_secrets(tool) for tool in body.get("tools") or []],
        "parameters": {name: body[name] for name in PARAMETERS if body.get(name)},
        "error": error.as_dict() if error else None,
        "incomplete_details": body.get("incomplete_details"),
    }


def _usage(body: dict[str, Any], deployment: Deployment) -> dict[str, Any]:
    reported = _object(body.get("usage"))
    if reported.get("output_tokens") is None:
        return {}
    figures = tokens.counted(reported)
    priced = {name: figures[name] for name in ("input_tokens", "cached_tokens", "output_tokens")}
    return figures | {"cost": deployment.price_of(**priced)}


def _deployment(body: dict[str, Any], asked: Deployment) -> Deployment:
    """The one that made it, as far as its model tells; else the one that was named for the import."""
    model = str(body.get("model") or "")
    if model in (asked.name, asked.model):
        return asked
    same = Deployment.objects.filter(endpoint=asked.endpoint)
    return same.filter(name=model).first() or same.filter(model=model).exclude(model="").first() or asked


def _model(body: dict[str, Any]) -> str:
    return str(body.get("model") or "")[:120]


def _previous_id(body: dict[str, Any]) -> str:
    given = body.get("previous_response_id")
    return given[:200] if isinstance(given, str) else ""


def _without_secrets(tool: Any) -> Any:
    if not isinstance(tool, dict):
        return tool
    return {key: value for key, value in tool.items() if key not in SECRET}


def _text(instructions: Any) -> str:
    """The API also allows a list of items."""
    if instructions is None or isinstance(instructions, str):
        return instructions or ""
    return orjson.dumps(instructions).decode()


def _time(given: Any) -> datetime:
    """From seconds since 1970; now where a server sends something else."""
    try:
        return datetime.fromtimestamp(float(given), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return clock.now()


def _uuid(given: Any) -> UUID | None:
    try:
        return UUID(given)
    except (TypeError, ValueError, AttributeError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

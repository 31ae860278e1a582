"""A response of the ledger in the API's own shape, for the comparison with what upstream has."""

from typing import Any

import orjson

from conversations.models import Response
from conversations.models.responses import Direction, History, Origin
from conversations.responses_api import without_secrets

Json = dict[str, Any]

DETAILS = {"input_tokens_details": "cached_tokens", "output_tokens_details": "reasoning_tokens"}


def as_api(response: Response) -> Json:
    """All that the ledger knows of what was asked for and what came of it."""
    shape: Json = {
        "id": response.response_id,
        "status": response.status,
        "model": response.model,
        "previous_response_id": _previous(response),
        "instructions": response.instructions,
        "tools": response.tools,
        **parameters_of(response),
        "metadata": _metadata(response),
        "usage": _usage(response),
        "incomplete_details": response.incomplete_details,
        "output": payloads(response, Direction.OUTPUT),
    }
    told: Json = without_secrets(shape)
    return told | ({"background": True} if response.background else {})


def parameters_of(response: Response) -> Json:
    """As they are sent. The row has the schema of an answer as text: databases sort the keys of JSON, and
    models write an answer in the order of its schema.
    """
    text = response.parameters.get("text") or {}
    wanted = text.get("format") or {}
    if not isinstance(wanted.get("schema"), str):
        return dict(response.parameters)
    spelt = {**wanted, "schema": orjson.loads(wanted["schema"])}
    return {**response.parameters, "text": {**text, "format": spelt}}


def payloads(response: Response, direction: Direction) -> list[Json]:
    rows = response.items.filter(direction=direction).order_by("position")
    return list(rows.values_list("payload", flat=True))


def comparable(there: Json) -> Json:
    """Upstream's copy without the figures that the ledger doesn't keep."""
    usage = there.get("usage")
    if not isinstance(usage, dict):
        return there
    kept: Json = {name: usage.get(name) for name in ("input_tokens", "output_tokens")}
    for outer, inner in (
        ("input_tokens_details", "cached_tokens"),
        ("output_tokens_details", "reasoning_tokens"),
    ):
        details = usage.get(outer)
        kept[outer] = {inner: details.get(inner) or 0} if isinstance(details, dict) else {inner: 0}
    return there | {"usage": kept}


def _previous(response: Response) -> str | None:
    chained = response.history == History.CHAINED and response.previous is not None
    return response.previous.response_id if chained and response.previous else None


def _metadata(response: Response) -> Json:
    """The chat sends a key of its own along, by which a response can be found again."""
    sent = {"run_id": str(response.pk)} if response.origin == Origin.CHAT else {}
    return sent | (response.parameters.get("metadata") or {})


def _usage(response: Response) -> Json | None:
    if response.output_tokens is None:
        return None
    return {
        "input_tokens": response.input_tokens,
        "output_tokens": response.output_tokens,
        "input_tokens_details": {"cached_tokens": response.cached_tokens or 0},
        "output_tokens_details": {"reasoning_tokens": response.reasoning_tokens or 0},
    }

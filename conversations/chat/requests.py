"""The body of a request, from what the ledger has of the response that is asked for."""

from typing import Any

from conversations.chat.history import Input
from conversations.models import Response
from conversations.models.responses import History
from conversations.stored.as_api import parameters_of


def body(response: Response, given: Input) -> dict[str, Any]:
    """As `responses.create` takes it; the stream is asked for by whoever sends it."""
    fields: dict[str, Any] = {
        "model": response.deployment.name,
        "input": given.items,
        "store": response.stored,
        "metadata": {"run_id": str(response.pk)},
        "stream_options": {"include_obfuscation": False},
    }
    if response.instructions:
        fields["instructions"] = response.instructions
    if response.background:
        fields["background"] = True
    if given.how == History.CHAINED and given.previous is not None:
        fields["previous_response_id"] = given.previous.response_id
    chosen = parameters_of(response)
    fields["metadata"] = {**chosen.pop("metadata", {}), **fields["metadata"]}
    if response.tools:
        fields["tools"] = response.tools
    else:
        # Refused without tools to choose among.
        chosen.pop("tool_choice", None)
    return {**fields, **chosen}

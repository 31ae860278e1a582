"""A few events, and how the tests read a stream of them."""

from typing import Any

from conversations.responses_api import (
    Event,
    ResponsesAPI,
    ResponsesAPIError,
)
from tests.responses_api.servers import RawServer

REQUEST = {"model": "m", "input": "hi"}
CREATED = {
    "type": "response.created",
    "sequence_number": 0,
    "response": {"id": "resp_1", "status": "in_progress"},
}
COMPLETED = {
    "type": "response.completed",
    "sequence_number": 9,
    "response": {"id": "resp_1", "status": "completed"},
}
FAILED = {"type": "response.failed", "response": {"id": "resp_1", "status": "failed", "error": None}}
LIMITED = {
    "type": "error",
    "error": {"type": "too_many_requests", "code": "too_many_requests", "message": "Slow down."},
}


def delta(text: str, **fields: Any) -> dict[str, Any]:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    return {"type": "response.output_text.delta", **place, "delta": text, **fields}


async def read(
    api: ResponsesAPI, server: RawServer, deadline: float | None = None
) -> tuple[list[Event], ResponsesAPIError | None]:
    """The events that came, and the error that ended them, if one did."""
    events: list[Event] = []
    try:
        async with api.stream(server.endpoint(), REQUEST, deadline=deadline) as stream:
            async for event in stream:
                events.append(event)  # noqa: PERF401  # what came before an error counts
    except ResponsesAPIError as error:
        return events, error
    return events, None


async def run(
    api: ResponsesAPI, *pieces: bytes, **server: Any
) -> tuple[list[Event], ResponsesAPIError | None]:
    async with RawServer(pieces, **server) as raw:
        return await read(api, raw)


def text(events: list[Event]) -> str:
    return "".join(event.get("delta", "") for event in events)

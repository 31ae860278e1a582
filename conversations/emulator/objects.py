"""The API's objects: the response, its items and parts."""

import secrets
from typing import Any

Json = dict[str, Any]


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(24)}"


ECHOED: Json = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
"""What a response repeats of its request, with the API's defaults."""


def new_response(request: Json, model: str, created_at: float, reasoning: Json) -> Json:
    given = {name: request[name] for name in ECHOED if request.get(name) is not None}
    status = "queued" if request.get("background") else "in_progress"
    return {
        "id": new_id("resp"),
        "object": "response",
        "created_at": int(created_at),
        "completed_at": None,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "reasoning": reasoning,
        "usage": None,
        "content_filters": None,
    } | (ECHOED | given)


def message(content: list[Json], status: str, item_id: str) -> Json:
    return {"id": item_id, "type": "message", "status": status, "role": "assistant", "content": content}


def text_part(text: str) -> Json:
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def refusal_part(text: str) -> Json:
    return {"type": "refusal", "refusal": text}


def reasoning_item(summary: list[str], item_id: str) -> Json:
    parts = [{"type": "summary_text", "text": text} for text in summary]
    return {"id": item_id, "type": "reasoning", "summary": parts}


def input_items(given: str | list[Json]) -> list[Json]:
    """The request's input as stored items: every one has an id, messages have typed content."""
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    return [_stored(item) for item in given]


def _stored(item: Json) -> Json:
    if item.get("type", "message") != "message":
        return {"id": new_id(PREFIXES.get(item["type"], "item")), **item}
    kind = "output_text" if item["role"] == "assistant" else "input_text"
    content = item["content"]
    parts = [{"type": kind, "text": content}] if isinstance(content, str) else content
    return {"id": new_id("msg"), "status": "completed", **item, "type": "message", "content": parts}


PREFIXES = {
    "function_call": "fc",
    "function_call_output": "fc",
    "reasoning": "rs",
    "computer_call": "cu",
    "computer_call_output": "cuo",
    "mcp_approval_response": "mcprr",
}

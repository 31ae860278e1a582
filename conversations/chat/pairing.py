"""Calls and their outputs in a history that is sent again: the API refuses the one without the other."""

from collections.abc import Collection
from typing import Any

Payload = dict[str, Any]

OUTPUT_OF = {"function_call": "function_call_output", "custom_tool_call": "custom_tool_call_output"}
NOT_ANSWERED = "This call was never answered."


def paired(items: list[Payload]) -> list[Payload]:
    """With an output behind each call that has none, and without outputs whose call isn't there."""
    items = _without_unseen(items)
    calls, outputs = _ids(items, OUTPUT_OF), _ids(items, tuple(OUTPUT_OF.values()))
    whole: list[Payload] = []
    for item in items:
        kind, call_id = _word(item, "type"), _word(item, "call_id")
        if kind in OUTPUT_OF.values() and call_id not in calls:
            continue
        whole.append(item)
        if kind in OUTPUT_OF and call_id not in outputs:
            whole.append({"type": OUTPUT_OF[kind], "call_id": call_id, "output": NOT_ANSWERED})
    return whole


def _without_unseen(items: list[Payload]) -> list[Payload]:
    """Nobody can make up what was to be seen after a step of a browser that was never done."""
    seen = _ids(items, ("computer_call",)) & _ids(items, ("computer_call_output",))
    kinds = ("computer_call", "computer_call_output")
    return [item for item in items if item.get("type") not in kinds or _word(item, "call_id") in seen]


def _ids(items: list[Payload], kinds: Collection[str]) -> set[str]:
    return {_word(item, "call_id") for item in items if _word(item, "type") in kinds}


def _word(item: Payload, field: str) -> str:
    """Empty for what is none: servers may say anything."""
    value = item.get(field)
    return value if isinstance(value, str) else ""

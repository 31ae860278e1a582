"""What a response used, as the API counts it."""

from typing import Any

# What the columns hold.
MOST = 2**31 - 1


def counted(usage: dict[str, Any]) -> dict[str, int]:
    """The columns of a response for the API's `usage`; what is no number there counts as none."""
    return {
        "input_tokens": _number(usage, "input_tokens"),
        "cached_tokens": _number(usage.get("input_tokens_details"), "cached_tokens"),
        "output_tokens": _number(usage, "output_tokens"),
        "reasoning_tokens": _number(usage.get("output_tokens_details"), "reasoning_tokens"),
    }


def _number(figures: Any, name: str) -> int:
    value = figures.get(name) if isinstance(figures, dict) else None
    return value if type(value) is int and 0 <= value <= MOST else 0

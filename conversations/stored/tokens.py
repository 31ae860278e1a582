"""What a response used, as the API counts it."""

from typing import Any


def counted(usage: dict[str, Any]) -> dict[str, int]:
    """The columns of a response for the API's `usage`."""
    return {
        "input_tokens": usage.get("input_tokens") or 0,
        "cached_tokens": (usage.get("input_tokens_details") or {}).get("cached_tokens") or 0,
        "output_tokens": usage.get("output_tokens") or 0,
        "reasoning_tokens": (usage.get("output_tokens_details") or {}).get("reasoning_tokens") or 0,
    }

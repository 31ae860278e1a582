"""Token counts, near enough to the real ones: some four characters of English each."""

import hashlib
from collections import OrderedDict
from typing import Any

from conversations.emulator import codec, sight

CHARS_PER_TOKEN = 4
STEP = 128
LEAST_CACHED = 1024
REMEMBERED = 50_000


def tokens(text: str) -> int:
    return -(-len(text) // CHARS_PER_TOKEN)


def item_text(item: dict[str, Any]) -> str:
    """All that a model would read of an item."""
    content = item.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text") or part.get("refusal") or "") for part in content)
    unread = ("id", "status", "output") if item["type"] == "computer_call_output" else ("id", "status")
    read = {key: value for key, value in item.items() if key not in unread}
    return codec.dumps(read).decode(errors="replace")


def _looked_at(item: dict[str, Any]) -> str:
    """As long as what it costs to look at the pictures and documents of an item."""
    return "▣" * (sight.cost(item) * CHARS_PER_TOKEN)


def prompt_text(instructions: str, items: list[dict[str, Any]]) -> str:
    parts = [f"system\n{instructions}"] if instructions else []
    parts += [f"{item.get('role', item['type'])}\n{item_text(item)}{_looked_at(item)}\n" for item in items]
    return "\n".join(parts)


class PromptCache:
    """Which prompt prefixes were seen: a hash for every 128 tokens, the oldest forgotten first."""

    def __init__(self) -> None:
        self.seen: OrderedDict[bytes, None] = OrderedDict()

    def cached(self, model: str, prompt: str) -> int:
        """Tokens of the prompt's start that an earlier prompt had too; those of this one are remembered."""
        known, counting = 0, True
        for digest in _digests(model, prompt):
            counting = counting and digest in self.seen
            known += STEP if counting else 0
            self.seen[digest] = None
            self.seen.move_to_end(digest)
        while len(self.seen) > REMEMBERED:
            self.seen.popitem(last=False)
        return known if known >= LEAST_CACHED else 0


def _digests(model: str, prompt: str) -> list[bytes]:
    rolling = hashlib.blake2b(model.encode(), digest_size=16)
    width = STEP * CHARS_PER_TOKEN
    digests = []
    for start in range(0, len(prompt) - width + 1, width):
        rolling.update(prompt[start : start + width].encode(errors="replace"))
        digests.append(rolling.digest())
    return digests


def usage(input_tokens: int, cached: int, output_tokens: int, reasoning: int) -> dict[str, Any]:
    return {
        "input_tokens": input_tokens,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": output_tokens,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": input_tokens + output_tokens,
    }

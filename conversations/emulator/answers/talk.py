"""A conversation as the emulated model reads it."""

from dataclasses import dataclass, field
from typing import Any, Self

from conversations.emulator import sight
from conversations.emulator.usage import item_text


@dataclass(frozen=True)
class Talk:
    """``earlier`` is what the person said before the question, oldest first; ``answers`` what it was told;
    ``seen`` what is to be seen in the question, ``seen_earlier`` before it.
    """

    instructions: str
    question: str
    earlier: list[str]
    answers: list[str]
    seen: list[str] = field(default_factory=list)
    seen_earlier: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, instructions: str, items: list[dict[str, Any]]) -> Self:
        messages = [(item["role"], _gist(item_text(item))) for item in items if item["type"] == "message"]
        told = [text for role, text in messages if role in ("system", "developer")]
        asked = [text for role, text in messages if role == "user"] or [""]
        said = [text for role, text in messages if role == "assistant"]
        looks = [sight.seen(item) for item in items if item.get("role") == "user"] or [[]]
        before = [each for look in looks[:-1] for each in look]
        return cls("\n".join([instructions, *told]).strip(), asked[-1], asked[:-1], said, looks[-1], before)


START, END = 600, 200


def _gist(text: str) -> str:
    """What people want stands at the start or at the end; patterns are slow on a megabyte of the rest."""
    return text if len(text) <= START + END else f"{text[:START]}\n…\n{text[-END:]}"

"""A conversation as the emulated model reads it."""

from dataclasses import dataclass
from typing import Any, Self

from conversations.emulator.usage import item_text


@dataclass(frozen=True)
class Talk:
    """``earlier`` is what the person said before the question, oldest first; ``answers`` what it was told."""

    instructions: str
    question: str
    earlier: list[str]
    answers: list[str]

    @classmethod
    def of(cls, instructions: str, items: list[dict[str, Any]]) -> Self:
        messages = [(item["role"], _gist(item_text(item))) for item in items if item["type"] == "message"]
        told = [text for role, text in messages if role in ("system", "developer")]
        asked = [text for role, text in messages if role == "user"] or [""]
        said = [text for role, text in messages if role == "assistant"]
        return cls("\n".join([instructions, *told]).strip(), asked[-1], asked[:-1], said)


START, END = 600, 200


def _gist(text: str) -> str:
    """What people want stands at the start or at the end; patterns are slow on a megabyte of the rest."""
    return text if len(text) <= START + END else f"{text[:START]}\n…\n{text[-END:]}"

"""One tool at work on one question."""

from dataclasses import dataclass, field
from typing import Any, Self

from conversations.emulator.answers import memory
from conversations.emulator.streaming.calls import Call

Json = dict[str, Any]


@dataclass
class Work:
    """What it is given, and what it brings: calls, words, notes on these words by their place in them."""

    request: Json
    tool: Json
    question: str
    context: list[Json]
    calls: list[Call] = field(default_factory=list)
    said: str = ""
    notes: list[Json] = field(default_factory=list)
    waits: bool = False

    def includes(self, name: str) -> bool:
        return name in (self.request.get("include") or [])

    @property
    def subject(self) -> str:
        """The question in few words, as a search would put it."""
        return " ".join(memory.short(self.question).rstrip("?!").split()[:8])

    def say(self, text: str) -> Self:
        self.said += text
        return self

    def cite(self, text: str, **note: Any) -> Self:
        """Says it with a note that covers it."""
        start = len(self.said)
        self.notes.append({**note, "start_index": start, "end_index": start + len(text)})
        return self.say(text)

    def point(self, **note: Any) -> Self:
        """A note on the place where the words are now."""
        self.notes.append({**note, "index": len(self.said)})
        return self


def moved(notes: list[Json], by: int) -> list[Json]:
    places = ("start_index", "end_index", "index")
    return [{key: value + by if key in places else value for key, value in note.items()} for note in notes]

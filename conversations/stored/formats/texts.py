"""A text for each conversation: questions as quotations, answers as the model wrote them."""

from collections.abc import Iterator

from conversations.models import Response
from conversations.stored.formats.rows import Passage, Said, conversations, facts, for_people


def files(rows: Iterator[Response]) -> Iterator[tuple[str, Iterator[str]]]:
    for name, title, passages in conversations(rows):
        yield f"{name}.md", _text(title, passages)


def _text(title: str, passages: Iterator[Passage]) -> Iterator[str]:
    yield f"# {' '.join(title.split())}\n"
    for passage in passages:
        yield from (_asked(said) for said in passage.asked)
        yield from (_answered(said, passage.row) for said in passage.answered)
        yield "\n" + " · ".join(f"{name}: {value}" for name, value in facts(passage.row)) + "\n\n---\n"


def _asked(said: Said) -> str:
    quoted = "\n".join(f"> {line}".rstrip() for line in _words(said).split("\n"))
    return f"\n**{said.who}**\n\n{quoted}\n"


def _answered(said: Said, row: Response) -> str:
    return f"\n**{said.who}**, {for_people(row.queued_at)}\n\n{_words(said)}\n"


def _words(said: Said) -> str:
    return f"```json\n{said.text}\n```" if said.code else said.text

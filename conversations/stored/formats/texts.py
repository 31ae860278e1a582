"""A text for each conversation: questions as quotations, answers as the model wrote them."""

import re
from collections.abc import Iterator

from conversations.models import Attachment, Response
from conversations.stored.formats.rows import Passage, Said, conversations, facts, file_of
from conversations.stored.formats.times import for_people
from conversations.stored.telling import Line


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
    words = "\n\n".join(filter(None, [_words(said), *map(_line, said.lines), *_files(said)]))
    quoted = "\n".join(f"> {line}".rstrip() for line in words.split("\n"))
    return f"\n**{said.who}**\n\n{quoted}\n"


def _answered(said: Said, row: Response) -> str:
    words = "\n\n".join(filter(None, [_words(said), *map(_line, said.lines), *_files(said)]))
    return f"\n**{said.who}**, {for_people(row.queued_at)}\n\n{words}\n"


def _files(said: Said) -> list[str]:
    """As links, which also draw pictures."""
    return [f"{'!' if each.is_picture else ''}[{_label(each)}]({file_of(each)})" for each in said.files]


def _label(row: Attachment) -> str:
    return "".join("\\" + each if each in "\\[]" else each for each in row.alt or row.name) or "file"


def _words(said: Said) -> str:
    return f"```json\n{said.text}\n```" if said.code else said.text


def _line(line: Line) -> str:
    if line.code:
        return f"*{line.label}*\n\n{_fenced(line.text)}"
    return f"*{line.label}*: {line.text}"


def _fenced(text: str) -> str:
    """By a fence that is longer than any within."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"

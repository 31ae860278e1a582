"""Long answers: as many words or paragraphs as were asked for."""

import re
from collections.abc import Iterator
from itertools import count

from conversations.emulator.answers.draft import Draft, filled
from conversations.emulator.answers.talk import Talk
from conversations.emulator.answers.topics import subject

WORDS = re.compile(r"\b(\d[\d,.]*)[- ]words?\b", re.IGNORECASE)
PARAGRAPHS = re.compile(r"\b(\d+)[- ]paragraphs?\b", re.IGNORECASE)
LONG = re.compile(r"\b(?:essay|long|in detail|at length|detailed article|article)\b", re.IGNORECASE)
ABOUT = re.compile(r"\b(?:about|on|of|explaining|describing)\s+([^\n.?!]+)", re.IGNORECASE)
MOST_WORDS = 200_000


def wanted(talk: Talk) -> bool:
    return any(pattern.search(talk.question) for pattern in (WORDS, PARAGRAPHS, LONG))


def write(talk: Talk) -> Draft:
    """Blocks of the essay, again and again if it must be longer than it is."""
    about = ABOUT.search(talk.question)
    named = subject(WORDS.sub("", about[1])) if about else "the work ahead"
    essay = filled("essay", {"subject": named})
    words, paragraphs = WORDS.search(talk.question), PARAGRAPHS.search(talk.question)
    if words:
        return Draft.of(_of_words(essay, min(int(re.sub(r"\D", "", words[1])), MOST_WORDS)))
    if paragraphs:
        return Draft.of(_of_paragraphs(essay, int(paragraphs[1])))
    return Draft.of(essay)


def _of_words(essay: str, number: int) -> str:
    """The blocks that fit, the last one cut to the word."""
    kept: list[str] = []
    left = number
    for block in _endless(essay):
        size = len(block.split())
        if size >= left:
            return "\n\n".join([*kept, _cut(block, left)])
        kept.append(block)
        left -= size
    raise AssertionError("an endless essay ended")


def _cut(block: str, words: int) -> str:
    found = list(re.finditer(r"\S+", block))
    end = found[words - 1].end() if words else 0
    closed = block[:end]
    return f"{closed}\n```" if closed.count("```") % 2 else closed


def _of_paragraphs(essay: str, number: int) -> str:
    prose = (block for block in _endless(essay) if block[0].isalpha())
    return "\n\n".join(next(prose) for _ in range(min(number, 2000)))


def _endless(essay: str) -> Iterator[str]:
    blocks = re.split(r"\n\n(?=\S)(?![^`]*```\n\n)", essay)
    for part in count(1):
        for block in blocks:
            yield block.replace("# On ", f"# Part {part}: on ", 1) if part > 1 else block

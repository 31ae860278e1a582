"""Two texts side by side, with the words marked that differ. Pure."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

# A piece of text, and whether the other side has something else there.
Segment = tuple[str, bool]

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
# Comparing costs the square of it; a longer middle is marked as a whole.
MOST_WORDS = 3000


def mark(here: str, there: str) -> tuple[list[Segment], list[Segment]]:
    """Both texts in pieces. Joined again, the pieces are the texts."""
    mine, theirs = _WORD.findall(here), _WORD.findall(there)
    head = _common(mine, theirs)
    tail = _common(mine[head:][::-1], theirs[head:][::-1])
    middles = mine[head : len(mine) - tail], theirs[head : len(theirs) - tail]
    left, right = _middle(*middles)
    start, end = "".join(mine[:head]), "".join(mine[len(mine) - tail :])
    return _joined(start, left, end), _joined(start, right, end)


def _common(mine: Sequence[str], theirs: Sequence[str]) -> int:
    pairs = enumerate(zip(mine, theirs, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(mine), len(theirs)))


def _middle(mine: list[str], theirs: list[str]) -> tuple[list[Segment], list[Segment]]:
    if len(mine) > MOST_WORDS or len(theirs) > MOST_WORDS:
        return [("".join(mine), True)], [("".join(theirs), True)]
    left: list[Segment] = []
    right: list[Segment] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        left.append(("".join(mine[i1:i2]), kind != "equal"))
        right.append(("".join(theirs[j1:j2]), kind != "equal"))
    return left, right


def _joined(start: str, middle: list[Segment], end: str) -> list[Segment]:
    return [segment for segment in [(start, False), *middle, (end, False)] if segment[0]]

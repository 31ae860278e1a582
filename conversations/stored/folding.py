"""Words as the search compares them: case, accents and forms of the same letter folded.

Chinese, Japanese and Korean have no spaces to go by and are cut into overlapping pairs of characters; the
last character of a run stands by itself as well, so that each can be found alone. All is done here, nothing
by the database, so that a search finds the same on each.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

# PostgreSQL has limits for a word and for all words of a row together.
MOST_CHARS = 64
MOST_BYTES = 500_000
# Between texts, so that the last word of one and the first of the next are no neighbours.
BREAK = "|"

# Combining classes of marks that make another letter: nukta, the voicing of kana, virama.
LETTER_MAKING = (7, 8, 9)
PAIRED = (
    "\u1100-\u11ff\uac00-\ud7ff"  # Hangul
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3100-\u312f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # bopomofo and Chinese characters
)
PLAIN = re.compile("[a-z0-9]+")
LAST_MARK = 0x1E94A
QUOTED = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]')


@dataclass(frozen=True)
class Sought:
    """Words that stand side by side; the last may go on, unless it was quoted."""

    words: tuple[str, ...]
    whole: bool = False


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    if plain.isascii():
        return plain
    kept = (char for char in plain if not _is_accent(char))
    return unicodedata.normalize("NFC", "".join(kept))


def _is_accent(char: str) -> bool:
    return unicodedata.combining(char) not in (0, *LETTER_MAKING)


def words(text: str) -> list[str]:
    """All words of a text, in order."""
    folded = fold(text)
    if folded.isascii():
        return [run[:MOST_CHARS] for run in PLAIN.findall(folded)]
    return [word for run in _run_pattern().findall(folded) for word in _whole(run)]


def indexed(texts: Iterable[str]) -> str:
    """What is stored to be searched in; of very long texts the first words only."""
    found = list(_with_breaks(texts))
    joined = " ".join(found)
    return joined if len(joined.encode()) < MOST_BYTES else _shortened(found)


def _shortened(words: list[str]) -> str:
    kept: list[str] = []
    room = MOST_BYTES
    for word in words:
        room -= len(word.encode()) + 1
        if room < 0:
            break
        kept.append(word)
    return " ".join(kept)


def sought(query: str) -> list[Sought]:
    """What somebody looks for: each of it must be there. Words in quotes are neighbours, and whole."""
    quoted = [_phrase(_runs(text)) for text in QUOTED.findall(query)]
    loose = [Sought(tuple(_cut(run))) for run in _runs(QUOTED.sub(" ", query))]
    found = [each for each in (*quoted, *loose) if each.words]
    return list(dict.fromkeys(found))


def _with_breaks(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number:
            yield BREAK
        yield from words(text)


def _phrase(runs: list[str]) -> Sought:
    """As it stands in `indexed`; a last run that is cut into pairs may go on there."""
    inner = [word for run in runs[:-1] for word in _whole(run)]
    last = [word for run in runs[-1:] for word in _cut(run)]
    return Sought((*inner, *last), whole=not any(_is_paired(run) for run in runs[-1:]))


def _runs(text: str) -> list[str]:
    """Runs of letters and digits, and those of paired characters apart from them."""
    folded = fold(text)
    return PLAIN.findall(folded) if folded.isascii() else _run_pattern().findall(folded)


def _whole(run: str) -> list[str]:
    return [*_cut(run), run[-1]] if _is_paired(run) and len(run) > 1 else _cut(run)


def _cut(run: str) -> list[str]:
    if len(run) == 1 or not _is_paired(run):
        return [run[:MOST_CHARS]]
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _is_paired(run: str) -> bool:
    return not run.isascii() and _paired_pattern().match(run) is not None


@cache
def _paired_pattern() -> re.Pattern[str]:
    return re.compile(f"[{PAIRED}]")


@cache
def _run_pattern() -> re.Pattern[str]:
    """Python's \\w leaves out the marks that vowels are written with in many scripts of India and beyond."""
    marks = "".join(chr(code) for code in range(0x300, LAST_MARK + 1) if _is_mark(chr(code)))
    return re.compile(rf"[{PAIRED}]+|(?:(?![{PAIRED}_])[\w{marks}])+")


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")

"""Text that databases and browsers can hold: without NUL and without half an emoji."""

import re
from typing import Any

REPLACEMENT = "\ufffd"
_BROKEN = re.compile("([\ud800-\udbff][\udc00-\udfff])|[\x00\ud800-\udfff]")


def repair_text(text: str) -> tuple[str, int]:
    """The text with NUL and lone surrogates as U+FFFD, and how many there were.

    Two halves that stand side by side are joined and do not count.
    """
    if text.isascii() and "\x00" not in text:
        return text, 0
    repaired = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal repaired
        if pair := match[1]:
            return join_halves(pair[0], pair[1])
        repaired += 1
        return REPLACEMENT

    return _BROKEN.sub(mend, text), repaired


def repair(value: Any) -> tuple[Any, int]:
    """`repair_text` for every string of a JSON value, keys included."""
    match value:
        case str():
            return repair_text(value)
        case dict():
            pairs = [(repair_text(str(key)), repair(inner)) for key, inner in value.items()]
            return {key[0]: inner[0] for key, inner in pairs}, sum(key[1] + inner[1] for key, inner in pairs)
        case list() | tuple():
            inners = [repair(inner) for inner in value]
            return [inner for inner, _ in inners], sum(count for _, count in inners)
    return value, 0


def is_high_half(character: str) -> bool:
    return "\ud800" <= character <= "\udbff"


def is_low_half(character: str) -> bool:
    return "\udc00" <= character <= "\udfff"


def join_halves(high: str, low: str) -> str:
    """One character from the two surrogates of its UTF-16 form."""
    return (high + low).encode("utf-16-be", "surrogatepass").decode("utf-16-be")

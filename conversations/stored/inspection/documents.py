"""A PDF: whether it can be read at all, its pages, and as much of its text as can be had in a while."""

import time
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import LimitReachedError, PyPdfError

from conversations.stored.inspection.refusing import Refused

MOST_CHARS = 1_000_000
TEXT_SECONDS = 8
# What broken documents make the reader raise.
UNREADABLE = (
    *(PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError),
    *(OSError, RecursionError, TypeError, ValueError),
)


def inspect(source: Path) -> dict[str, Any]:
    try:
        reader = PdfReader(source)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("locked")
        count = len(reader.pages)
    except LimitReachedError as error:
        raise Refused("too_much_inside") from error
    except UNREADABLE as error:
        raise Refused("broken") from error
    if not count:
        raise Refused("broken")
    return {"content_type": "application/pdf", "pages": count, **_text(reader, count)}


def _text(reader: PdfReader, count: int) -> dict[str, Any]:
    texts: list[str] = []
    room, until = MOST_CHARS, time.monotonic() + TEXT_SECONDS
    while len(texts) < count and room > 0 and time.monotonic() < until:
        texts.append(_page(reader, len(texts))[:room])
        room -= len(texts[-1])
    return {"text": "\f".join(texts), "text_pages": len(texts)}


def _page(reader: PdfReader, number: int) -> str:
    try:
        page: PageObject = reader.pages[number]
        return page.extract_text()
    except LimitReachedError as error:
        raise Refused("too_much_inside") from error
    except UNREADABLE:
        return ""

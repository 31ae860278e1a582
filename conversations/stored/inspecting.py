"""Has a file looked into by a process of its own (`inspection`), and says in words why one isn't taken."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Beside the answers that are streamed there is little room for work of this kind.
AT_ONCE = 2
WAIT_SECONDS = 20

_free = threading.BoundedSemaphore(AT_ONCE)


class NotTaken(Exception):
    """Why a file is refused, as a sentence; `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """`text`: what a document says, page by page; `text_pages`: how many of its pages that are."""

    content_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    text: str = ""
    text_pages: int | None = None


WHY = {
    "unknown": gettext_lazy("“%(name)s” is neither a PNG, JPEG, WebP or GIF picture nor a PDF."),
    "drawing": gettext_lazy("“%(name)s” is an SVG drawing. Save it as PNG and attach that."),
    "broken": gettext_lazy("“%(name)s” can't be read: it is damaged, cut off or not what its name says."),
    "animated": gettext_lazy("“%(name)s” moves. Only still pictures can be sent; save one of its frames."),
    "locked": gettext_lazy("“%(name)s” is protected by a password. Save it without one and attach that."),
    "too_many_pixels": gettext_lazy("“%(name)s” has too many pixels. At most 64 million can be read."),
    "too_much_inside": gettext_lazy("“%(name)s” takes too much time or memory to read."),
}


def refusal(code: str, name: str) -> NotTaken:
    return NotTaken(code, WHY[code] % {"name": name})


def inspect(source: Path, target: Path, thumbnail: Path, name: str) -> Inspected:
    """What the file is. A picture lies at `target` then, without its metadata. Raises NotTaken."""
    if not _free.acquire(timeout=WAIT_SECONDS):
        raise NotTaken("busy", _("Too many files come in at once. Try again in a moment."))
    try:
        found = _look([str(source), str(target), str(thumbnail)])
    finally:
        _free.release()
    if "refused" in found:
        raise refusal(found["refused"], name)
    return Inspected(**found)


def _look(paths: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "conversations.stored.inspection", *paths]
    try:
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=settings.INSPECTION_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "too_much_inside"}
    if done.returncode:
        return {"refused": "too_much_inside" if done.returncode < 0 else "broken"}
    found: dict[str, Any] = json.loads(done.stdout)
    return found

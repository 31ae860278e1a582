"""What is large in items: kept as a file, named by `attachment:<sha256>`, and brought back as it was.

    kept = put_away(response, payloads)    # data URLs over 8 kB of what came from upstream
    bind(response, kept)                   # the response refers to those files from now on
    forget_unnamed(response)               # and no more to those that none of its items names
    whole = spelt_out(response, kept)      # byte for byte, for a request

A name counts only where the API has files, never in a text: what somebody writes opens no file.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from django.db.models import QuerySet

from conversations import clock
from conversations.models import Attachment, Response, StoredFile
from conversations.stored import archives, files

Json = Any
# The content's type by its SHA-256.
Types = dict[str, str]
Keep = Callable[[str, Path], str]

PREFIX = "attachment:"
LARGE = 8_000
# Where the API's items have files. Pictures that models draw are bare base64 instead of a data URL.
BARE = ("result", "partial_image_b64")
PLACES = ("image_url", "file_data", "url", *BARE)
MARKS: dict[str, str] = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg", "UklGR": "image/webp"}

_REFERENCE = re.compile(rf'"(?:{"|".join(PLACES)})":"{PREFIX}([0-9a-f]{{64}})"'.encode())
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,")


def reference(sha256: str) -> str:
    return PREFIX + sha256


def named_in(payloads: Json) -> list[str]:
    """The SHA-256 of every file that is named, in order, each once."""
    return list(dict.fromkeys(found.decode() for found in _REFERENCE.findall(orjson.dumps(payloads))))


def _mapped(value: Json, change: Callable[[str, str], str], key: str = "") -> Json:
    """The same JSON with each text in a place for files as `change` makes it of its key and itself."""
    if isinstance(value, dict):
        return {name: _mapped(inner, change, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, change, key) for inner in value]
    return change(key, value) if key in PLACES and isinstance(value, str) else value


def sizes_of(named: list[str]) -> dict[str, int]:
    """Bytes of each."""
    return dict(StoredFile.objects.filter(pk__in=named).values_list("pk", "size"))


def size_of(payloads: Json) -> int:
    """Bytes of all that they name."""
    named = named_in(payloads)
    return sum(sizes_of(named).values()) if named else 0


def is_large(value: Json) -> bool:
    """Whether something may have to be put away; most answers are let go at this."""
    raw = orjson.dumps(value)
    return len(raw) > LARGE and any(f'"{place}":"'.encode() in raw for place in PLACES)


def put_away(response: Response, payloads: Json) -> Json:
    """With files in place of what is large. Outside of any transaction."""
    return _put_away(payloads, lambda kind, path: _attach(response, kind, path))


def taken_out(payloads: Json) -> tuple[Json, Types]:
    """The same before there is a response: `attach` them to it, or they are forgotten in an hour."""
    found: Types = {}

    def keep(kind: str, path: Path) -> str:
        sha256 = files.keep(path)
        found[sha256] = kind
        return sha256

    return _put_away(payloads, keep), found


def _put_away(payloads: Json, keep: Keep) -> Json:
    if not is_large(payloads):
        return payloads

    def change(key: str, text: str) -> str:
        found = _content(key, text) if len(text) > LARGE else None
        return text if found is None else reference(_written(*found, keep))

    return _mapped(payloads, change)


def named_as_here(payloads: Json, known: Collection[str]) -> Json:
    """What upstream has, with the names of the files that are known here in their places."""
    if not known:
        return payloads

    def change(key: str, text: str) -> str:
        found = _content(key, text)
        sha256 = hashlib.sha256(found[1]).hexdigest() if found else ""
        return reference(sha256) if sha256 in known else text

    return _mapped(payloads, change)


def _content(key: str, text: str) -> tuple[str, bytes] | None:
    """Type and bytes, where the very same text can be made of them again."""
    url = _DATA_URL.match(text)
    kind = _bare_type(text) if key in BARE else url[1] if url else ""
    coded = text[url.end() :] if url else text
    if not kind:
        return None
    try:
        content = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return (kind, content) if _coded(key, kind, content) == text else None


def _bare_type(text: str) -> str:
    return next((kind for mark, kind in MARKS.items() if text.startswith(mark)), "")


def _coded(key: str, kind: str, content: bytes) -> str:
    coded = base64.b64encode(content).decode()
    return coded if key in BARE else f"data:{kind};base64,{coded}"


def _written(kind: str, content: bytes, keep: Keep) -> str:
    with TemporaryDirectory(dir=archives.workshop(), prefix="output-") as folder:
        path = Path(folder) / "content"
        path.write_bytes(content)
        return keep(kind, path)


def keep(response: Response, kind: str, content: bytes) -> str:
    """The SHA-256 of a file that the response has from now on. Outside of any transaction."""
    return _written(kind, content, lambda kind, path: _attach(response, kind, path))


def _attach(response: Response, kind: str, path: Path) -> str:
    try:
        sha256 = files.keep(path)
        attach(response, {sha256: kind})
    except files.Gone:
        return _attach(response, kind, path)
    return sha256


def attach(response: Response, found: Types) -> None:
    """Raises `files.Gone` where one was forgotten meanwhile."""
    for sha256, kind in found.items():
        with files.held(sha256) as row:
            known = {"content": row, "content_type": kind, "conversation": response.conversation}
            mine = response.attachments.filter(content=row).first()
            attachment = mine or Attachment.objects.create(created_at=clock.now(), **known)
            attachment.responses.add(response)


def bind(response: Response, payloads: Json) -> None:
    """The files that its items name are the response's too, as another attempt's are the first one's."""
    if named := named_in(payloads):
        for row in reachable(response).filter(content__in=named).exclude(responses=response):
            row.responses.add(response)


def forget_unnamed(response: Response) -> None:
    """Files that came with an answer and that no item of it names at its end, such as early pictures."""
    named = named_in(list(response.items.values_list("payload", flat=True)))
    for row in response.attachments.filter(person=None).exclude(content__in=named):
        row.responses.remove(response)
        if not row.responses.exists():
            row.delete()
            files.forget([row.content_id])


def spelt_out(response: Response, payloads: Json) -> Json:
    """With the files in the places of their names, for a request to upstream."""
    named = named_in(payloads)
    if not named:
        return payloads
    rows = reachable(response).filter(content__in=named).select_related("content")
    known = {reference(row.content_id): row for row in rows}

    def change(key: str, text: str) -> str:
        row = known.get(text)
        return _coded(key, row.content_type, files.read(row.content)) if row else text

    return _mapped(payloads, change)


def reachable(response: Response) -> QuerySet[Attachment]:
    """The files of its conversation, which a grant opens as a whole; of one that has none its own."""
    if response.conversation_id is None:
        return response.attachments.all()
    return Attachment.objects.filter(conversation=response.conversation_id)

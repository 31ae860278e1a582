"""Archives that go out: their files, and a manifest that names each with its hash."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from django.conf import settings
from django.core.files.storage import default_storage

from conversations.models import Response
from conversations.models.exports import Format
from conversations.stored.formats import FORMATS
from conversations.stored.formats.rows import file_of

Listed = dict[str, Any]
MANIFEST = "manifest.json"


def write(
    path: Path,
    kind: Format,
    rows: Iterator[Response],
    manifest: Callable[[list[Listed]], dict[str, Any]],
) -> list[Listed]:
    """An export: the rows as the format has them, then the files that they name, each once."""
    named: dict[str, str] = {}
    told = FORMATS[kind](_noting_files(rows, named))
    return pack(path, chain(told, _files(named)), manifest)


def _noting_files(rows: Iterator[Response], named: dict[str, str]) -> Iterator[Response]:
    for row in rows:
        named |= {file_of(each): each.content.file for each in row.attachments.all()}
        yield row


def _files(named: dict[str, str]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Asked for after the rows, so that all names are known by then."""
    for name in sorted(named):
        yield name, _pieces(named[name])


def _pieces(file: str) -> Iterator[bytes]:
    with default_storage.open(file) as content:
        yield from content.chunks()


def pack(
    path: Path,
    contents: Iterable[tuple[str, Iterable[str | bytes]]],
    manifest: Callable[[list[Listed]], dict[str, Any]],
) -> list[Listed]:
    """Writes the archive piece by piece; answers what the manifest says of its files."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        files = [_add(archive, name, pieces) for name, pieces in contents]
        archive.writestr(MANIFEST, orjson.dumps(manifest(files), option=orjson.OPT_INDENT_2))
    return files


def workshop() -> Path:
    """Beside what else is private, since a temporary folder of the system may be anybody's."""
    folder: Path = settings.DATA_DIR / "tmp"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _add(archive: ZipFile, name: str, pieces: Iterable[str | bytes]) -> Listed:
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as file:
        for piece in pieces:
            data = piece.encode() if isinstance(piece, str) else piece
            digest.update(data)
            size += file.write(data)
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}

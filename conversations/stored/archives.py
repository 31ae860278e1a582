"""Archives that go out: their files, and a manifest that names each with its hash."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from django.conf import settings

from conversations.models import Response
from conversations.models.exports import Format
from conversations.stored.formats import FORMATS

Listed = dict[str, Any]
MANIFEST = "manifest.json"


def write(
    path: Path,
    kind: Format,
    rows: Iterator[Response],
    manifest: Callable[[list[Listed]], dict[str, Any]],
) -> list[Listed]:
    """An export."""
    return pack(path, FORMATS[kind](rows), manifest)


def pack(
    path: Path,
    contents: Iterable[tuple[str, Iterable[str]]],
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


def _add(archive: ZipFile, name: str, pieces: Iterable[str]) -> Listed:
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as file:
        for piece in pieces:
            data = piece.encode()
            digest.update(data)
            size += file.write(data)
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}

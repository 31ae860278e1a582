"""The archive of an export: its files and a manifest that names each with its hash."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

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
    """Writes the archive piece by piece; answers what the manifest says of its files."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        files = [_add(archive, name, pieces) for name, pieces in FORMATS[kind](rows)]
        archive.writestr(MANIFEST, orjson.dumps(manifest(files), option=orjson.OPT_INDENT_2))
    return files


def _add(archive: ZipFile, name: str, pieces: Iterator[str]) -> Listed:
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as file:
        for piece in pieces:
            data = piece.encode()
            digest.update(data)
            size += file.write(data)
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}

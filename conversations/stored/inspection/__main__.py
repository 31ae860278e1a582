"""The process that looks into one file; whoever starts it bounds its time."""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from conversations.stored.inspection import documents, pictures
from conversations.stored.inspection.refusing import Refused

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 60
MARKS = {
    b"\x89PNG\r\n\x1a\n": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF87a": "picture",
    b"GIF89a": "picture",
    b"%PDF-": "document",
}


def kind_of(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    known = next((kind for mark, kind in MARKS.items() if head.startswith(mark)), "")
    return known or ("drawing" if b"<svg" in head.lower() else "unknown")


def inspected(source: Path, target: Path, thumbnail: Path) -> dict[str, Any]:
    with source.open("rb") as file:
        kind = kind_of(file.read(1024))
    if kind == "picture":
        return pictures.inspect(source, target, thumbnail)
    if kind == "document":
        return documents.inspect(source)
    raise Refused(kind)


def main(source: str, target: str, thumbnail: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        found = inspected(Path(source), Path(target), Path(thumbnail))
    except Refused as refused:
        found = {"refused": refused.code}
    except MemoryError:
        found = {"refused": "too_much_inside"}
    sys.stdout.write(json.dumps(found))


main(*sys.argv[1:])

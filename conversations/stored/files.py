"""Contents in Django's storage, one file for each SHA-256.

key = keep(path, thumbnail)         # the row first, then the file
with held(key) as row: …            # nobody deletes it meanwhile; add what refers to it in here
forget([key])                       # those that nothing refers to any more
"""

import hashlib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from conversations import clock
from conversations.models import StoredFile

BATCH = 500


class Gone(Exception):
    """The content was forgotten between two looks; keep it again."""


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(path: Path, thumbnail: Path | None = None) -> str:
    """Outside of any transaction of the caller's, or a rollback would leave a file that nobody knows."""
    key = sha256_of(path)
    known = {"size": path.stat().st_size, "made_at": clock.now()}
    StoredFile.objects.get_or_create(sha256=key, defaults=known)
    try:
        with held(key) as row:
            _write(row, path, thumbnail)
    except Gone:
        return keep(path, thumbnail)
    return key


def _write(row: StoredFile, path: Path, thumbnail: Path | None) -> None:
    name = f"attachments/{row.sha256[:2]}/{row.sha256}"
    if not row.file:
        row.file = _saved(name, path)
    if not row.thumbnail and thumbnail is not None and thumbnail.exists():
        row.thumbnail = _saved(f"{name}-thumbnail", thumbnail)
    row.save()


def _saved(name: str, path: Path) -> str:
    default_storage.delete(name)  # of a process that died before it could say that it had written it
    with path.open("rb") as file:
        return str(default_storage.save(name, File(file)))


@contextmanager
def held(key: str) -> Generator[StoredFile]:
    with transaction.atomic():
        row = StoredFile.objects.select_for_update().filter(sha256=key).first()
        if row is None:
            raise Gone
        yield row


def forget(keys: Iterable[str]) -> int:
    """Deletes files that no attachment refers to, thumbnails too; how many."""
    return sum(_forgotten(key) for key in set(keys))


def _forgotten(key: str) -> bool:
    try:
        with held(key) as row:
            if row.attachments.exists():
                return False
            for name in filter(None, (row.file, row.thumbnail)):
                default_storage.delete(name)
            row.delete()
    except Gone:
        return False
    return True


def forget_unknown() -> int:
    """Contents that were written and never referred to: whoever did it died."""
    lost = StoredFile.objects.filter(attachments=None, made_at__lt=clock.now() - timedelta(hours=1))
    return forget(list(lost.values_list("pk", flat=True)[:BATCH]))


def read(row: StoredFile) -> bytes:
    with default_storage.open(row.file) as file:
        content: bytes = file.read()
    return content

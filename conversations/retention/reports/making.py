"""Writes a report into the storage and its hash into the audit trail."""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage

from conversations import clock
from conversations.models import DeletionJob
from conversations.models.audit import Action
from conversations.people.audit import audited, record, system
from conversations.people.chain import current_head
from conversations.retention.reports import contents
from conversations.stored import archives


def make(job: DeletionJob) -> None:
    """Takes the place of an earlier one, if failed deletions were tried again since."""
    now, head = clock.now(), current_head()
    with TemporaryDirectory(dir=archives.workshop(), prefix="report-") as folder:
        path = Path(folder) / "report.zip"
        listed = archives.pack(path, contents.files(job, head), lambda files: {"files": files})
        with path.open("rb") as archive:
            sha256 = hashlib.file_digest(archive, "sha256").hexdigest()
            archive.seek(0)
            name = default_storage.save(f"reports/{job.pk}.zip", File(archive))
        made = {"report": name, "report_size": path.stat().st_size, "report_sha256": sha256}
    earlier = job.report
    _note(job, made | {"reported_at": now}, len(listed))
    if earlier and earlier != name:
        default_storage.delete(earlier)
    job.refresh_from_db()


def _note(job: DeletionJob, made: dict[str, Any], files: int) -> None:
    with audited():
        DeletionJob.objects.filter(pk=job.pk).update(**made)
        details = {"sha256": made["report_sha256"], "bytes": made["report_size"], "files": files}
        record(Action.REPORT_MADE, actor=system("deletions"), subject=job, details=details)

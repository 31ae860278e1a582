"""Exports: rows and their words as files in one archive, with a manifest of hashes, for whoever asked.

Whoever exports what others wrote reads it, so that an export is audited as a grant is: who, why, how much.

    export = begin(Wanted(actor=actor, by=user, scope=Scope.SELECTION, query="team=Research", …))
    make(export.pk)          # now, or in a worker when `is_large(export)`
"""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import Conversation, Export, ExportedConversation, Response, User
from conversations.models.audit import Action
from conversations.models.exports import Format, Scope
from conversations.models.imports import JobStatus
from conversations.people.audit import Actor, audited, record
from conversations.people.chain import current_head
from conversations.people.rights import conversations_of, may_export
from conversations.stored import archives, leases
from conversations.stored.formats import BY_CONVERSATION
from conversations.stored.own import responses_of_person
from conversations.stored.selection import BadSelection, Selection, responses_of, selected

CHUNK = 200
STEPS = (
    "computer_steps__run__stopped_by",
    "computer_steps__confirmed_by",
    "computer_steps__checks__decided_by",
)


class CannotFinish(Exception):
    """Why, for people."""


class NotYours(CannotFinish):
    """Asked for by somebody who may not have it, or not any more."""

    def __init__(self) -> None:
        super().__init__(_("You may no longer see what was to be exported."))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`by` is nobody for a command, which sees everything; `query` is a selection as addresses have it."""

    actor: Actor
    by: User | None
    scope: Scope
    format: Format
    reason: str = ""
    query: str = ""
    conversation: Conversation | None = None


def begin(wanted: Wanted) -> Export:
    """Nothing is written yet. A selection that makes no sense raises BadSelection."""
    export = Export(
        by=wanted.by,
        actor=wanted.actor.text,
        scope=wanted.scope,
        query=wanted.query,
        conversation=wanted.conversation,
        format=wanted.format,
        reason=wanted.reason.strip()[:500],
        status=JobStatus.RUNNING,
        created_at=clock.now(),
    )
    export.expected = rows_of(export).count()
    export.save()
    return export


def is_large(export: Export) -> bool:
    return export.expected > settings.EXPORT_AT_ONCE


def rows_of(export: Export) -> QuerySet[Response]:
    """What the person may have now, whatever it was when the export was asked for."""
    rows = _scope(export)
    if export.format in BY_CONVERSATION or export.scope != Scope.SELECTION:
        rows = rows.order_by("conversation_id", "queued_at", "id")
    related = ("person", "team", "conversation", "previous", "endpoint", "deployment", "held_copy")
    beside = ("items", "attachments__content", "calls__decided_by", *STEPS)
    return rows.select_related(*related).prefetch_related(*beside)


def _scope(export: Export) -> QuerySet[Response]:
    if export.scope == Scope.SELECTION:
        if export.by is not None and not may_export(export.by):
            raise NotYours
        selection = Selection.parse(QueryDict(export.query))
        everything = Response.objects.order_by(*selection.order)
        return selected(everything, selection) if export.by is None else responses_of(export.by, selection)
    if export.by is None or not export.by.is_active:
        raise NotYours
    if export.scope == Scope.OWN:
        return responses_of_person(export.by).exclude(conversation__deleted_at__isnull=False)
    visible = conversations_of(export.by)
    return Response.objects.filter(conversation__in=visible, conversation=export.conversation)


def make(export_id: UUID) -> bool:
    """Writes the archive; False where another process does, or nothing is left to do. Raises GivenUp."""
    token = leases.claim(Export.objects.all(), export_id)
    if token is None:
        return False
    export = Export.objects.select_related("by", "conversation").get(pk=export_id)
    try:
        with leases.handed_over(Export.objects.all(), export_id, token):
            Writing(export, token).go()
    except (CannotFinish, BadSelection) as error:
        leases.end(Export.objects.all(), export.pk, token, str(error))
    return True


class Writing:
    """One export on its way to the storage."""

    def __init__(self, export: Export, token: UUID) -> None:
        self.export = export
        self.token = token
        self.conversations: Counter[UUID] = Counter()
        self.responses = self.items = 0
        self.renewed = time.monotonic()

    def go(self) -> None:
        with TemporaryDirectory(dir=archives.workshop(), prefix="export-") as folder:
            path = Path(folder) / "export.zip"
            files = archives.write(path, Format(self.export.format), self._rows(), self._manifest)
            with path.open("rb") as archive:
                sha256 = hashlib.file_digest(archive, "sha256").hexdigest()
                archive.seek(0)
                name = default_storage.save(f"exports/{self.export.pk}-{uuid4().hex}.zip", File(archive))
            try:
                self._finish(name, path.stat().st_size, sha256, files)
            except (leases.LeaseLost, CannotFinish):
                default_storage.delete(name)
                raise

    def _rows(self) -> Iterator[Response]:
        for row in rows_of(self.export).iterator(chunk_size=CHUNK):
            leases.stay()
            yield row
            self.responses += 1
            self.items += len(row.items.all())
            if row.conversation_id:
                self.conversations[row.conversation_id] += 1
            if time.monotonic() - self.renewed > settings.HEARTBEAT_SECONDS / 2:
                self._renew()

    def _renew(self) -> None:
        self.renewed = time.monotonic()
        leases.renew(Export.objects.all(), self.export.pk, self.token)
        Export.objects.filter(pk=self.export.pk).update(written=self.responses)

    def _counts(self) -> dict[str, int]:
        return {
            "responses": self.responses,
            "items": self.items,
            "conversations": len(self.conversations),
        }

    def _manifest(self, files: list[dict[str, Any]]) -> dict[str, Any]:
        head, export = current_head(), self.export
        return {
            "export": str(export.pk),
            "made_at": clock.now().isoformat(),
            "by": export.actor,
            "reason": export.reason,
            "scope": export.scope,
            "filters": export.query,
            "conversation": str(export.conversation_id) if export.conversation_id else None,
            "format": export.format,
            "counts": self._counts(),
            "files": files,
            "audit": {"entries": head.count, "head": head.hash},
        }

    def _finish(self, name: str, size: int, sha256: str, files: list[dict[str, Any]]) -> None:
        kept_until = clock.now() + timedelta(days=settings.EXPORT_KEPT_DAYS)
        made = {"file": name, "size": size, "sha256": sha256, "kept_until": kept_until}
        with audited():
            if self._lost_words():
                raise CannotFinish(_("Words in it were erased meanwhile. Export it again."))
            Export.objects.filter(pk=self.export.pk).update(written=self.responses, **made)
            leases.end(Export.objects.all(), self.export.pk, self.token)
            ExportedConversation.objects.bulk_create(
                ExportedConversation(export=self.export, conversation_id=key, responses=count)
                for key, count in self.conversations.items()
            )
            self._record(sha256, files)

    def _lost_words(self) -> bool:
        """Whether some of what was read is erased by now: it must not come back as a file."""
        erased = Response.objects.filter(erased_at__gte=self.export.created_at)
        return erased.filter(Q(conversation__in=list(self.conversations)) | Q(conversation=None)).exists()

    def _record(self, sha256: str, files: list[dict[str, Any]]) -> None:
        export = self.export
        details = {
            "scope": export.scope,
            "filters": export.query,
            "format": export.format,
            **self._counts(),
            "sha256": sha256,
            "files": len(files),
        }
        team = export.conversation.team_id if export.conversation else self._team()
        actor = Actor(export.actor, export.by_id)
        record(Action.EXPORTED, actor=actor, subject=export, team=team, reason=export.reason, details=details)

    def _team(self) -> int | None:
        """The only team that a selection at the desk asked for."""
        if self.export.scope != Scope.SELECTION:
            return None
        team = Selection.parse(QueryDict(self.export.query)).team
        return team.pk if team else None


def report(export: Export) -> dict[str, Any]:
    head = current_head()
    return {
        "export": str(export.pk),
        "status": export.status,
        "trouble": export.trouble,
        "format": export.format,
        "expected": export.expected,
        "responses": export.written,
        "bytes": export.size,
        "sha256": export.sha256,
        "kept_until": export.kept_until.isoformat() if export.kept_until else None,
        "audit": {"entries": head.count, "head": head.hash},
    }


def forget_old() -> int:
    """Deletes the files of exports whose time has come; the row stays, for the record."""
    old = list(Export.objects.filter(kept_until__lte=clock.now()).exclude(file=""))
    for export in old:
        default_storage.delete(export.file)
        Export.objects.filter(pk=export.pk).update(file="")
    return len(old)

"""Attachments: taken in from people, found for those who may see them, forgotten.

row = take(user, path, name="site.png")        # checked by content; raises NotTaken
found = sendable(user, conversation, keys)     # as many as one message may have; raises NotTaken
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from conversations import bus, clock
from conversations.models import Attachment, Conversation, Response, User
from conversations.responses_api import repair_text
from conversations.stored import archives, files
from conversations.stored.inspecting import Inspected, NotTaken, inspect

NAME_CHARS = 200
ALT_CHARS = 1000
MINUTE = 60
BATCH = 500


def take(user: User, source: Path, name: str) -> Attachment:
    """What somebody uploads, once it was looked into."""
    name = clean_name(name)
    check_size(source.stat().st_size, name)
    _count_upload(user)
    with TemporaryDirectory(dir=archives.workshop(), prefix="upload-") as folder:
        target, thumbnail = Path(folder) / "picture", Path(folder) / "thumbnail"
        found = inspect(source, target, thumbnail, name)
        return _added(target if target.exists() else source, thumbnail, found, name=name, person=user)


def _added(path: Path, thumbnail: Path, found: Inspected, **known: Any) -> Attachment:
    told = {**found.__dict__, "text": repair_text(found.text)[0]}
    try:
        with files.held(files.keep(path, thumbnail)) as content:
            return Attachment.objects.create(content=content, created_at=clock.now(), **told, **known)
    except files.Gone:
        return _added(path, thumbnail, found, **known)


def clean_name(name: str) -> str:
    """The last part of a path, without what no file is called by."""
    last = PurePath(repair_text(name)[0].replace("\\", "/")).name
    return "".join(each for each in last if each.isprintable()).strip()[-NAME_CHARS:] or _("file")


def check_size(size: int, name: str) -> None:
    if not size:
        raise NotTaken("empty_file", _("“%(name)s” is empty.") % {"name": name})
    if size >= settings.ATTACHMENT_BYTES:
        told = {"name": name, "size": megabytes(size), "limit": megabytes(settings.ATTACHMENT_BYTES)}
        raise NotTaken(
            "too_large", _("“%(name)s” has %(size)s; the API takes less than %(limit)s in a file.") % told
        )


def megabytes(size: int) -> str:
    return _("%.1f MB") % (size / 1_000_000)


def _count_upload(user: User) -> None:
    """Without Redis nobody is counted; how many are looked into at once is bounded all the same."""
    key = f"uploads:{user.pk}:{int(clock.now().timestamp()) // MINUTE}"
    try:
        number = bus.client().incr(key)
        bus.client().expire(key, 2 * MINUTE)
    except redis.RedisError:
        return
    if number > settings.UPLOADS_PER_MINUTE:
        raise NotTaken("too_many_uploads", _("That is a lot of files in a minute. Go on in the next."))


def sendable(user: User, conversation: Conversation, keys: Sequence[UUID]) -> list[Attachment]:
    """In their order: one's own, not sent yet or sent in this conversation before."""
    rows = Attachment.objects.filter(pk__in=keys, person=user).select_related("content")
    found = {row.pk: row for row in rows if row.conversation_id in (None, conversation.pk)}
    if missing := len(set(keys) - found.keys()):
        gone: dict[str, Any] = {"missing": missing, "hours": settings.UNSENT_HOURS}
        raise NotTaken(
            "no_attachment",
            _(
                "%(missing)d of the files are not here any more: what isn't sent within %(hours)d hours is "
                "forgotten. Attach them again."
            )
            % gone,
        )
    chosen = [found[key] for key in keys]
    check_together(chosen)
    return chosen


def check_together(rows: Sequence[Attachment]) -> None:
    if len(rows) > settings.ATTACHMENTS_MAX:
        told = {"count": len(rows), "limit": settings.ATTACHMENTS_MAX}
        raise NotTaken(
            "too_many_attachments",
            _("The message has %(count)d files; the API takes %(limit)d at once. Send them in parts.") % told,
        )
    size = sum(row.content.size for row in rows)
    if size >= settings.ATTACHMENT_BYTES:
        sizes = {"size": megabytes(size), "limit": megabytes(settings.ATTACHMENT_BYTES)}
        raise NotTaken(
            "too_large_together",
            _("The files have %(size)s together; the API takes less than %(limit)s. Send them in parts.")
            % sizes,
        )


def discard(row: Attachment) -> bool:
    """Of one that was never sent; False where it was."""
    gone, _rows = unsent().filter(pk=row.pk).delete()
    files.forget([row.content_id])
    return bool(gone)


def unsent() -> QuerySet[Attachment]:
    return Attachment.objects.filter(conversation=None, responses=None)


def forget_unsent() -> int:
    """What was uploaded and not sent for long, and contents that nothing refers to."""
    late = unsent().filter(created_at__lt=clock.now() - timedelta(hours=settings.UNSENT_HOURS))
    gone = forget(list(late.values_list("pk", flat=True)[:BATCH]))
    files.forget_unknown()
    return gone


def release(responses: Sequence[Response]) -> None:
    """The words of these are erased: their files go too, but for those that others refer to. Should the
    process die after the commit, `forget_unknown` finds what is left.
    """
    links = Attachment.responses.through.objects.filter(response__in=responses)
    touched = set(links.values_list("attachment_id", flat=True))
    links.delete()
    free = Attachment.objects.filter(pk__in=touched, responses=None)
    contents = list(free.values_list("content", flat=True))
    free.delete()
    transaction.on_commit(lambda: files.forget(contents))


def forget(keys: Iterable[UUID]) -> int:
    rows = Attachment.objects.filter(pk__in=list(keys))
    contents = list(rows.values_list("content", flat=True))
    gone, _rows = rows.delete()
    files.forget(contents)
    return gone

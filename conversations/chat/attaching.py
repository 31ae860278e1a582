"""The files of a message: what was named, their place in its item, and how they are told to browsers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.chat import shapes
from conversations.chat.history import Input
from conversations.chat.refusals import Refusal
from conversations.models import Attachment, Conversation, User
from conversations.stored import attachments, capabilities, references
from conversations.stored.inspecting import NotTaken
from conversations.stored.items import Payload

DETAILS = ("auto", "low", "high")
URL_CHARS = 2000


@dataclass(frozen=True)
class Named:
    """A file that was uploaded, or the address of a picture on the internet."""

    id: UUID | None
    url: str
    detail: str


@dataclass(frozen=True)
class Attached:
    named: Named
    row: Attachment | None

    @property
    def part(self) -> Payload:
        if self.row is None:
            return _picture(self.named.url, self.named.detail)
        reference = references.reference(self.row.content_id)
        if self.row.is_picture:
            return _picture(reference, self.named.detail)
        return {"type": "input_file", "filename": self.row.name, "file_data": reference}

    @property
    def shape(self) -> shapes.Json:
        return _shape(self.part, self.row)


def _picture(url: str, detail: str) -> Payload:
    """The API's own default is left unsaid."""
    detailed = {} if detail == "auto" else {"detail": detail}
    return {"type": "input_image", "image_url": url, **detailed}


def clean(asked: Any) -> list[Named]:
    """`[{"id" | "url", "detail"}]`. Raises Refusal."""
    if asked is None:
        return []
    if not isinstance(asked, list) or not all(isinstance(each, dict) for each in asked):
        raise Refusal("bad_attachment", _("Attachments are a list of objects, each with an “id” or a “url”."))
    return [_cleaned(each) for each in asked]


def _cleaned(asked: dict[str, Any]) -> Named:
    detail = asked.get("detail") or "auto"
    if detail not in DETAILS:
        raise Refusal("bad_attachment", _("The detail of a picture is auto, low or high."))
    if asked.get("url") is not None:
        return Named(None, _address(asked["url"]), detail)
    try:
        return Named(UUID(asked.get("id")), "", detail)
    except (ValueError, TypeError, AttributeError) as error:
        raise Refusal("bad_attachment", _("The id of an attachment is a UUID.")) from error


def _address(url: Any) -> str:
    try:
        good = isinstance(url, str) and len(url) <= URL_CHARS and bool(urlsplit(url).hostname)
    except ValueError:
        good = False
    if not good or urlsplit(url).scheme != "https":
        raise Refusal("bad_attachment", _("The address of a picture begins with https://."))
    return str(url)


def found(user: User, conversation: Conversation, named: Sequence[Named]) -> list[Attached]:
    """Those that this person may send in this conversation now, which they belong to from here on."""
    if not named:
        return []
    try:
        rows = attachments.sendable(user, conversation, [each.id for each in named if each.id])
    except NotTaken as reason:
        raise Refusal(reason.code, str(reason)) from reason
    by_id = {row.pk: row for row in rows}
    attached = [Attached(each, by_id[each.id] if each.id else None) for each in named]
    _check_abilities(conversation, attached)
    Attachment.objects.filter(pk__in=by_id).update(conversation=conversation)
    return attached


def _check_abilities(conversation: Conversation, attached: Iterable[Attached]) -> None:
    abilities = capabilities.abilities_of(conversation.deployment)
    for each in attached:
        feature = "image_urls" if each.row is None else "images" if each.row.is_picture else "files"
        if why := abilities.why_not(feature):
            raise Refusal("bad_attachment", why)


def title(attached: Sequence[Attached]) -> str:
    """Of a message without words."""
    first = attached[0]
    return first.row.name if first.row else first.named.url


def of_turns(first_items: Iterable[tuple[UUID, UUID, Payload]]) -> dict[UUID, list[shapes.Json]]:
    """What messages have, by turn; `first_items`: turn, response and what the person wrote."""
    parts = {turn: (response, _parts(payload)) for turn, response, payload in first_items}
    wanted = [response for response, found in parts.values() if found]
    rows = _rows(wanted) if wanted else {}
    return {
        turn: [_shape(part, rows.get((response, _content(part)))) for part in found]
        for turn, (response, found) in parts.items()
        if found
    }


def _parts(payload: Payload) -> list[Payload]:
    content = payload.get("content")
    found = content if isinstance(content, list) else []
    return [part for part in found if part.get("type") in ("input_image", "input_file")]


def _rows(responses: list[UUID]) -> dict[tuple[UUID, str], Attachment]:
    links = Attachment.responses.through.objects.filter(response__in=responses)
    found = links.select_related("attachment__content")
    return {(link.response_id, link.attachment.content_id): link.attachment for link in found}


def _content(part: Payload) -> str:
    return str(part.get("image_url") or part.get("file_data") or "").removeprefix(references.PREFIX)


def _shape(part: Payload, row: Attachment | None) -> shapes.Json:
    detail = part.get("detail", "auto") if part["type"] == "input_image" else None
    if row is None:
        told = {"id": None, "url": part.get("image_url"), "name": str(part.get("filename") or "")}
        return {**told, "detail": detail}
    return {**shapes.attachment(row), "detail": detail}


LEFT_OUT = {"type": "input_text", "text": "[A file that was here is left out of this request.]"}


def fitting(given: Input) -> Input:
    """Without the oldest files where the turns before have more of them than one request may have."""
    named = references.named_in(given.items)
    if not named:
        return given
    sizes, kept, room = references.sizes_of(named), set[str](), settings.ATTACHMENT_BYTES
    for key in reversed(named):
        room -= sizes.get(key, 0)
        if room <= 0 or len(kept) == settings.ATTACHMENTS_MAX:
            break
        kept.add(key)
    lost = {references.reference(key) for key in named} - {references.reference(key) for key in kept}
    if not lost:
        return given
    why = f"{given.why} Left out, since a request takes no more: the oldest {len(lost)} files."
    return replace(given, items=[_without(item, lost) for item in given.items], why=why.strip())


def _without(item: Payload, lost: set[str]) -> Payload:
    def kept(part: Any) -> Any:
        named = {part.get("image_url"), part.get("file_data")} if isinstance(part, dict) else set()
        return LEFT_OUT if named & lost else part

    lists = {key: item[key] for key in ("content", "output") if isinstance(item.get(key), list)}
    return item | {key: [kept(part) for part in parts] for key, parts in lists.items()}

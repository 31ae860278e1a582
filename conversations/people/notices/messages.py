"""A notice as it is sent: what all channels say, and in which form each of them wants it."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.models import Delivery
from conversations.models.notices import ChannelKind
from conversations.people.notices import wording

Json = dict[str, Any]
VERSION = 1
# Slack refuses a header that is longer.
TITLE_CHARS = 150


@dataclass(frozen=True)
class Message:
    """`id` is the same at every attempt, so that a receiver can tell a second copy."""

    id: str
    kind: str
    created_at: datetime
    title: str
    text: str
    act: str = ""
    url: str = ""
    team: str = ""
    subject: Json = field(default_factory=dict)
    facts: Json = field(default_factory=dict)


def message_of(delivery: Delivery) -> Message:
    notice = delivery.notice
    if notice is None:
        return _test(delivery)
    words = wording.words_of(notice)
    return Message(
        id=f"delivery_{delivery.pk}",
        kind=notice.kind,
        created_at=notice.created_at,
        title=words.title,
        text=words.text,
        act=words.act,
        url=wording.url_of(notice),
        team=notice.team.name if notice.team else "",
        subject={"type": notice.subject_type, "id": notice.subject_id},
        facts=notice.facts,
    )


def _test(delivery: Delivery) -> Message:
    text = _("If you read this, notices of Responses UI arrive here. Nothing has to be done.")
    return Message(
        f"delivery_{delivery.pk}", "test", delivery.created_at, _("A test"), text, url=settings.PUBLIC_URL
    )


def as_plain(message: Message) -> Json:
    return {"version": VERSION, **asdict(message), "created_at": message.created_at.isoformat()}


def as_slack(message: Message) -> Json:
    """Blocks of plain text: names in it can't become links or mentions."""
    blocks: list[Json] = [
        {"type": "header", "text": _plain_text(message.title[:TITLE_CHARS])},
        {"type": "section", "text": _plain_text(message.text)},
    ]
    if message.url:
        button = {"type": "button", "text": _plain_text(_act(message)), "url": message.url}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": _escaped(message.title), "blocks": blocks}


def _plain_text(text: str) -> Json:
    # A section without text is refused.
    return {"type": "plain_text", "text": text or "-", "emoji": False}


def _escaped(text: str) -> str:
    """The three characters that Slack takes for marks."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_teams(message: Message) -> Json:
    """An adaptive card in the envelope that Workflows' "When a Teams webhook request is received" wants. Rich
    text, since plain text blocks would read names as Markdown.
    """
    body = [_rich(message.title, size="Large", weight="Bolder"), _rich(message.text)]
    actions = [{"type": "Action.OpenUrl", "title": _act(message), "url": message.url}]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": message.title,
        "body": body,
        "actions": actions if message.url else [],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {
        "type": "message",
        "attachments": [{"contentType": kind, "contentUrl": None, "content": card}],
    }


def _rich(text: str, **look: str) -> Json:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or "-", **look}]}


def _act(message: Message) -> str:
    return message.act or _("Open Responses UI")


def as_mail(message: Message) -> str:
    act = f"{_act(message)}:\n{message.url}" if message.url else _("Log in to Responses UI to see it.")
    why = _("What you get by e-mail is set under “Waiting for you” there.")
    return f"{message.text}\n\n{act}\n\n-- \n{why}\n"


FORMS = {ChannelKind.TEAMS: as_teams, ChannelKind.SLACK: as_slack, ChannelKind.JSON: as_plain}

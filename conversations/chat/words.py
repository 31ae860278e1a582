"""What people write: how much it may be, and what a conversation is called by it."""

from textwrap import shorten
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.chat.refusals import Refusal
from conversations.models.conversations import TITLE_CHARS
from conversations.responses_api.text import repair_text


def check_message(text: str, *, has_files: bool) -> None:
    if not (text.strip() or has_files):
        raise Refusal("empty_message", _("The message is empty. Type something to send."))
    if len(text) > settings.MESSAGE_MAX_CHARS:
        figures = {"size": len(text), "limit": settings.MESSAGE_MAX_CHARS}
        raise Refusal(
            "message_too_long",
            _("The message has %(size)d characters; the limit is %(limit)d. Shorten it or send it in parts.")
            % figures,
        )


def clean_instructions(text: Any) -> str:
    if not isinstance(text, str) or len(text) > settings.MESSAGE_MAX_CHARS:
        figures = {"limit": settings.MESSAGE_MAX_CHARS}
        raise Refusal(
            "bad_instructions", _("Instructions are text of at most %(limit)d characters.") % figures
        )
    return repair_text(text)[0]


def title_of(text: str) -> str:
    """The first words; of a text without spaces the first characters."""
    title = shorten(text, width=TITLE_CHARS, placeholder="…")
    return title if title != "…" else text.strip()[: TITLE_CHARS - 1] + "…"

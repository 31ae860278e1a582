"""Changes to a conversation itself: title, instructions, deployment, choices, visibility, archive."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from conversations import clock
from conversations.chat import choices, computing, deciding, hosted, keeping
from conversations.chat.announcing import announce_conversation
from conversations.chat.fields import key_field, switch_field
from conversations.chat.refusals import Refusal
from conversations.chat.turns import clean_visibility, usable_deployment
from conversations.chat.words import clean_instructions
from conversations.models import Conversation, User
from conversations.people import rights
from conversations.responses_api import repair_text

TITLE_MAX = 200


def change_conversation(user: User, conversation: Conversation, wanted: dict[str, Any]) -> None:
    """Apply the fields that are there; everyone who watches learns of it. Only the owner may."""
    if not rights.may_manage(user, conversation):
        raise Refusal("not_yours", _("Only the owner of this conversation can change it."))
    unknown = set(wanted) - set(SETTERS)
    if unknown:
        raise Refusal("bad_field", _("Unknown: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    # In the order of the setters: choices are for the deployment that is chosen with them.
    for name in [name for name in SETTERS if name in wanted]:
        SETTERS[name](conversation, wanted[name])
    with transaction.atomic():
        # Only these: the title may come from the first message at this very moment.
        conversation.save(update_fields=["archived_at" if name == "archived" else name for name in wanted])
        if "visibility" in wanted:
            deciding.ask_anew(conversation)
            computing.ask_anew(conversation)
        announce_conversation(conversation)


def _set_title(conversation: Conversation, value: Any) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > TITLE_MAX:
        raise Refusal("bad_title", _("A title has 1 to %(limit)d characters.") % {"limit": TITLE_MAX})
    conversation.title = " ".join(repair_text(value)[0].split())


def _set_archived(conversation: Conversation, value: Any) -> None:
    if not isinstance(value, bool):
        raise Refusal("bad_field", _("The field “archived” must be true or false."))
    conversation.archived_at = (conversation.archived_at or clock.now()) if value else None


def _set_instructions(conversation: Conversation, value: Any) -> None:
    conversation.instructions = clean_instructions(value)


def _set_visibility(conversation: Conversation, value: Any) -> None:
    conversation.visibility = clean_visibility(value)


def _set_background(conversation: Conversation, value: Any) -> None:
    wanted = switch_field({"background": value}, "background")
    if wanted and not conversation.background:
        keeping.check_background(conversation.deployment)
    conversation.background = wanted


def _set_deployment(conversation: Conversation, value: Any) -> None:
    conversation.deployment = usable_deployment(key_field({"deployment": value}, "deployment"))


def _set_choices(conversation: Conversation, value: Any) -> None:
    chosen, before = choices.clean(value), conversation.choices
    new = {name: made for name, made in chosen.items() if name not in before or before[name] != made}
    choices.check(new, conversation.deployment)
    hosted.check(new, conversation.team_id)
    computing.check(new, conversation.team_id)
    conversation.choices = chosen


SETTERS: dict[str, Callable[[Conversation, Any], None]] = {
    "title": _set_title,
    "archived": _set_archived,
    "instructions": _set_instructions,
    "visibility": _set_visibility,
    "deployment": _set_deployment,
    "background": _set_background,
    "choices": _set_choices,
}

"""How a field is shown by its type, where no callable of the ModelAdmin says otherwise."""

import json
from typing import Any

from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.admin.utils import display_for_field, quote
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.admin import cells
from conversations.models import Response, User
from conversations.models.responses import Status, UpstreamState
from conversations.stored.depth import bounded

# Value of a field with choices: meaning and icon of its pill. Both enumerations keep to the five meanings.
PILLS: dict[str, tuple[str, str]] = {
    Status.WAITING: ("", "hourglass"),
    Status.QUEUED: ("", "clock"),
    Status.IN_PROGRESS: ("", "loader"),
    Status.COMPLETED: ("", "check"),
    Status.INCOMPLETE: ("", "circle-alert"),
    Status.FAILED: ("failed", "octagon-alert"),
    Status.CANCELLED: ("", "square"),
    Status.INTERRUPTED: ("failed", "unplug"),
    UpstreamState.NOT_SENT: ("", "cloud-off"),
    UpstreamState.NOT_LEARNED: ("failed", "circle-help"),
    UpstreamState.STORED: ("stored", "cloud"),
    UpstreamState.NOT_STORED: ("", "cloud-off"),
    UpstreamState.NOT_VISIBLE: ("", "hourglass"),
    UpstreamState.DELETED: ("deleted", "trash-2"),
    UpstreamState.ABSENT: ("deleted", "cloud-off"),
    UpstreamState.EXPIRED: ("deleted", "hourglass"),
    UpstreamState.UNKNOWN: ("", "circle-help"),
}

# How deep JSON lies open; what is deeper waits folded.
OPEN_DEPTH = 2


def status_pill(row: Response) -> SafeString:
    meaning, icon_name = PILLS[row.status]
    return cells.pill(row.get_status_display(), meaning=meaning, icon_name=icon_name)


def upstream_pill(row: Response) -> SafeString:
    meaning, icon_name = PILLS[row.upstream_state]
    return cells.pill(row.get_upstream_state_display(), meaning=meaning, icon_name=icon_name)


def held_pill() -> SafeString:
    return cells.pill(_("Held"), meaning="held", icon_name="lock")


def is_figure(field: Any) -> bool:
    numbers = (models.IntegerField, models.DecimalField, models.FloatField)
    return isinstance(field, numbers) and not field.primary_key


def shown(field: "models.Field[Any, Any]", row: models.Model, owner: "ModelAdmin[Any]") -> SafeString | str:
    """The field's value in a cell or beside its name."""
    value = getattr(row, field.name)
    if value is None or value == "":
        return cells.NOTHING
    if field.choices:
        return choice(field, value)
    if isinstance(value, User):
        return cells.person(value)
    return by_type(field, value, owner)


def choice(field: "models.Field[Any, Any]", value: str) -> SafeString | str:
    word = dict(field.flatchoices).get(value, value)
    if value not in PILLS or field.name not in ("status", "upstream_state"):
        return str(word)
    meaning, icon_name = PILLS[value]
    return cells.pill(word, meaning=meaning, icon_name=icon_name)


def by_type(field: "models.Field[Any, Any]", value: Any, owner: "ModelAdmin[Any]") -> SafeString | str:
    match field:
        case models.BooleanField():
            return cells.yes_no(value)
        case models.DateTimeField():
            return cells.moment(value)
        case models.UUIDField() | models.CharField() if field.name == "id" or field.name.endswith("_id"):
            return cells.copyable(value)
        case models.JSONField():
            return json_viewer(value)
        case models.IntegerField() if is_figure(field):
            return cells.figure(value)
        case _:
            return str(display_for_field(value, field, owner.get_empty_value_display()))


def linked(field: "models.Field[Any, Any]", row: models.Model, owner: "ModelAdmin[Any]") -> SafeString | str:
    """As `shown`, but a row that has a page of its own leads there."""
    text = shown(field, row, owner)
    value = getattr(row, field.name)
    if not isinstance(value, models.Model):
        return text
    name = admin_urlname(value._meta, SafeString("change"))  # noqa: SLF001 (Django's way to a model's names)
    try:
        url = reverse(name, args=[quote(value.pk)])
    except NoReverseMatch:
        return text
    return format_html('<a href="{}">{}</a>', url, text)


def json_viewer(value: Any) -> SafeString:
    """Folds what is nested; the button copies the whole as text."""
    value = bounded(value)
    text = json.dumps(value, ensure_ascii=False, indent=2)
    if not isinstance(value, (dict, list)) or not value:
        return format_html('<code class="json-leaf">{}</code>', text)
    return format_html(
        '<div class="json">{}<button type="button" class="copy" data-copy="{}" aria-label="{}" title="{}">'
        "{}</button></div>",
        branch(value),
        text,
        "Copy as JSON",
        "Copy as JSON",
        cells.icon("copy"),
    )


def branch(value: Any, name: SafeString | str = "", depth: int = 0) -> SafeString:
    if not isinstance(value, (dict, list)) or not value:
        return format_html("{}{}", name, leaf(value))
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    rows = format_html_join(
        "", "<li>{}</li>", ((branch(each, format_html("<b>{}</b> ", key), depth + 1),) for key, each in pairs)
    )
    opened = SafeString(" open") if depth < OPEN_DEPTH else ""
    braces = f"{{{len(value)}}}" if isinstance(value, dict) else f"[{len(value)}]"
    return format_html("<details{}><summary>{}{}</summary><ul>{}</ul></details>", opened, name, braces, rows)


def leaf(value: Any) -> SafeString:
    kind = {str: "string", bool: "word", type(None): "word"}.get(type(value), "number")
    return format_html('<code class="json-{}">{}</code>', kind, json.dumps(value, ensure_ascii=False))

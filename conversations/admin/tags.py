"""Template tags of the desk: `{% load desk %}`."""

from typing import TYPE_CHECKING, Any, cast

from django import template
from django.contrib.admin.helpers import AdminReadonlyField
from django.contrib.admin.utils import lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.safestring import SafeString

from conversations.admin import cells, tables, values
from conversations.admin.holds import door_for
from conversations.admin.navigation import Navigation
from conversations.admin.overview import Overview
from conversations.admin.overview import overview as overview_of
from conversations.people.notices import inbox
from conversations.people.rights import person_of

if TYPE_CHECKING:
    from django.contrib.admin.options import ModelAdmin

register = template.Library()

register.simple_tag(cells.icon)
register.simple_tag(cells.copyable)
register.simple_tag(values.held_pill)
register.filter(values.status_pill)
register.filter(values.upstream_pill)
register.filter(cells.moment)


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> Navigation:
    return Navigation.at(context["request"].path, context["available_apps"])


@register.simple_tag(takes_context=True)
def waiting(context: template.Context) -> int:
    return inbox.count(person_of(context["request"]))


@register.simple_tag(takes_context=True)
def hold_door(context: template.Context, row: Any) -> str:
    return door_for(person_of(context["request"]), row)


@register.simple_tag(takes_context=True)
def overview(context: template.Context) -> Overview:
    return overview_of(context["request"])


@register.simple_tag
def table_headers(cl: ChangeList) -> list[dict[str, Any]]:
    return list(tables.headers(cl))


@register.simple_tag
def table_rows(cl: ChangeList) -> list[tables.Row]:
    return list(tables.rows(cl))


@register.simple_tag
def filter_chips(cl: ChangeList) -> list[tables.Chip]:
    return cl.chips if hasattr(cl, "chips") else list(tables.chips(cl))


@register.filter
def choices_of(spec: Any, cl: ChangeList) -> list[dict[str, Any]]:
    return list(spec.choices(cl))


@register.filter
def contents(field: AdminReadonlyField) -> SafeString | str:
    """What stands beside the name of a field that is only shown."""
    name, row = field.field["field"], field.form.instance
    owner = cast("ModelAdmin[Any]", field.model_admin)
    try:
        found, _attribute, _value = lookup_field(name, row, owner)
    except (AttributeError, ValueError, ObjectDoesNotExist):
        return cells.NOTHING
    has_own_widget = name in field.form.fields
    if found is None or found.many_to_many or has_own_widget:
        return field.contents()
    return values.linked(found, row, owner)


@register.filter
def is_wide(field: AdminReadonlyField) -> bool:
    """Whether what is shown needs the whole width."""
    name = field.field["field"]
    kinds = {each.name: each for each in field.form.instance._meta.fields}  # noqa: SLF001 (as Django does)
    return isinstance(kinds.get(name), models.JSONField)

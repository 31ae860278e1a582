"""The rows of a change list, as the template draws them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import display_for_value, label_for_field, lookup_field
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from conversations.admin import cells, values

TICK = "action_checkbox"


@dataclass(frozen=True)
class Cell:
    name: str
    label: str
    content: SafeString | str
    is_figure: bool = False
    is_tick: bool = False
    url: str = ""


@dataclass(frozen=True)
class Row:
    pk: str
    cells: list[Cell]


@dataclass(frozen=True)
class Chip:
    """A filter that is set; the link takes it away."""

    title: str
    value: str
    url: str


def headers(cl: ChangeList) -> Iterator[dict[str, Any]]:
    for name, header in zip(cl.list_display, result_headers(cl), strict=True):
        yield header | {"is_figure": _is_figure(cl, name), "is_tick": name == TICK, "name": _name(name)}


def rows(cl: ChangeList) -> Iterator[Row]:
    links = cl.list_display_links or [name for name in cl.list_display if name != TICK][:1]
    labels = {name: _label(cl, name) for name in cl.list_display}
    for result in cl.result_list:
        url = add_preserved_filters(
            {"preserved_filters": cl.preserved_filters, "opts": cl.opts}, cl.url_for_result(result)
        )
        drawn = [
            Cell(
                _name(name),
                labels[name],
                content(name, result, cl.model_admin),
                is_figure=_is_figure(cl, name),
                is_tick=name == TICK,
                url=url if name in links else "",
            )
            for name in cl.list_display
        ]
        yield Row(str(result.serializable_value(str(cl.to_field) if cl.to_field else cl.pk_attname)), drawn)


def content(name: Any, result: models.Model, owner: "ModelAdmin[Any]") -> SafeString | str:
    try:
        field, attribute, value = lookup_field(name, result, owner)
    except ObjectDoesNotExist:
        return cells.NOTHING
    if field is not None and not field.auto_created:
        return values.shown(field, result, owner)
    if getattr(attribute, "boolean", False):
        return cells.yes_no(value)
    if value is None or value == "":
        return cells.NOTHING
    return str(display_for_value(value, "")) if not hasattr(value, "__html__") else value


def chips(cl: ChangeList) -> Iterator[Chip]:
    if cl.query:
        yield Chip(_("Search"), cl.query, cl.get_query_string({SEARCH_VAR: None}))
    for spec in cl.filter_specs:
        choices = list(spec.choices(cl))
        # Django's filters name "All" first, which is the one that takes the filter away.
        chosen = [choice for choice in choices[1:] if choice.get("selected")]
        for choice in chosen:
            yield Chip(capfirst(str(spec.title)), str(choice["display"]), str(choices[0]["query_string"]))


def _label(cl: ChangeList, name: Any) -> str:
    return "" if name == TICK else capfirst(str(label_for_field(name, cl.model, cl.model_admin)))


def _is_figure(cl: ChangeList, name: Any) -> bool:
    _label_text, attribute = label_for_field(name, cl.model, cl.model_admin, return_attr=True)
    if attribute is not None:
        return bool(getattr(attribute, "is_figure", False))
    return isinstance(name, str) and values.is_figure(cl.lookup_opts.get_field(name))


def _name(name: Any) -> str:
    return name if isinstance(name, str) else name.__name__

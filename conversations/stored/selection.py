"""Which responses somebody means: the filters behind the list, saved filters, exports and deletions.

selection = Selection.parse(request.GET)      # or BadSelection, which names the fields
responses_of(user, selection)                 # the rows, newest first, of those that this user may list
selection.query(), selection.describe()       # the way back to an address, and chips for people
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import Deployment, Endpoint, Response, Team, User
from conversations.models.responses import AT_UPSTREAM
from conversations.people import rights
from conversations.stored import holds
from conversations.stored.selection_form import ANY_ERROR, SelectionForm

Params = Mapping[str, str] | QueryDict


class BadSelection(ValueError):
    """What is wrong, by the name of the filter."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{name}: {' '.join(said)}" for name, said in self.errors.items()))


@dataclass(frozen=True)
class Chip:
    """One filter for people; `query` is the selection without it."""

    label: str
    value: str
    query: str


@dataclass(frozen=True)
class Selection:
    """Filters, all of which must hold; those that end in `from` are inclusive, in `to` not, of times."""

    person: User | None = None
    team: Team | None = None
    conversation: UUID | None = None
    from_: datetime | None = field(default=None, metadata={"name": "from"})
    to: datetime | None = None
    days: int | None = None
    deployment: Deployment | None = None
    endpoint: Endpoint | None = None
    model: str = ""
    status: str = ""
    upstream: str = ""
    origin: str = ""
    tokens_from: int | None = None
    tokens_to: int | None = None
    cost_from: Decimal | None = None
    cost_to: Decimal | None = None
    size_from: int | None = None
    size_to: int | None = None
    held: bool | None = None
    expires_within: int | None = None
    expires_from: datetime | None = None
    expires_to: datetime | None = None
    background: bool | None = None
    error: str = ""
    ids: tuple[UUID, ...] | None = None

    @classmethod
    def parse(cls, params: Params, by: User | None = None, *, keyed: bool = False) -> Self:
        """From the parameters of an address. A name that isn't known is an error: what it was meant to leave
        out would be in otherwise. So is one that `by` may not see.
        """
        form = SelectionForm(params, by=by, keyed=keyed)
        wrong = _misnamed(params, set(form.fields)) | {
            name: [str(one) for one in said] for name, said in form.errors.items()
        }
        if wrong:
            raise BadSelection(wrong)
        return cls(**{each.name: form.cleaned_data[_name(each)] for each in fields(cls)})

    def values(self) -> Iterator[tuple[str, str, Any]]:
        """What is set: attribute, name in addresses, value."""
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None and value != "":
                yield each.name, _name(each), value

    def query(self, *, keyed: bool = False) -> str:
        """The one way to write this selection as a query string; `keyed`: one that outlives other names for
        people, teams, deployments and endpoints, to be parsed as such.
        """
        form = SelectionForm(keyed=keyed)
        return urlencode([(name, _written(form.fields[name], value)) for _each, name, value in self.values()])

    def describe(self) -> list[Chip]:
        form = SelectionForm()
        return [
            Chip(
                str(form.fields[name].label),
                _shown(form.fields[name], value),
                self.without(attribute).query(),
            )
            for attribute, name, value in self.values()
        ]

    def without(self, attribute: str) -> Self:
        default: Any = getattr(type(self), attribute)
        return replace(self, **{attribute: default})

    @property
    def order(self) -> tuple[str, str]:
        """What expires first comes first where that is asked for, else what is newest."""
        by_expiry = (self.expires_within, self.expires_from, self.expires_to) != (None, None, None)
        return ("expires_at", "id") if by_expiry else ("-queued_at", "-id")

    def __bool__(self) -> bool:
        return any(self.values())


def responses_of(user: User, selection: Selection) -> QuerySet[Response]:
    """The selected ones of those that this person may list at the desk, in the selection's order."""
    return selected(rights.responses_at_desk(user), selection)


def selected(rows: QuerySet[Response], selection: Selection) -> QuerySet[Response]:
    """The selected ones of these rows."""
    rows = rows.alias(tokens=F("input_tokens") + F("output_tokens"))
    for attribute, _name, value in selection.values():
        rows = rows.filter(_condition(attribute, value))
    return rows.order_by(*selection.order)


PLAIN = {
    "from_": "queued_at__gte",
    "to": "queued_at__lt",
    "expires_from": "expires_at__gte",
    "expires_to": "expires_at__lt",
    "upstream": "upstream_state",
    "ids": "pk__in",
    "tokens_from": "tokens__gte",
    "tokens_to": "tokens__lte",
    "cost_from": "cost__gte",
    "cost_to": "cost__lte",
    "size_from": "size__gte",
    "size_to": "size__lte",
}


def _condition(attribute: str, value: Any) -> Q:
    now = clock.now()
    match attribute:
        case "days":
            return Q(queued_at__gte=now - timedelta(days=value))
        case "held":
            return holds.on_any() if value else ~Q(holds.is_held())
        case "expires_within":
            until = now + timedelta(days=value)
            return Q(expires_at__gt=now, expires_at__lt=until, upstream_state__in=AT_UPSTREAM)
        case "error":
            return Q(error__isnull=False) if value == ANY_ERROR else Q(error__isnull=False, error__kind=value)
    return Q(**{PLAIN.get(attribute, attribute): value})


def _name(each: Any) -> str:
    return str(each.metadata.get("name", each.name))


def _misnamed(params: Params, known: set[str]) -> dict[str, list[str]]:
    wrong = {name: [_("There is no such filter.")] for name in params if name not in known}
    if isinstance(params, QueryDict):
        twice = [name for name, given in params.lists() if len(given) > 1]
        wrong |= {name: [_("This filter is given twice.")] for name in twice}
    return wrong


def _written(form_field: Any, value: Any) -> str:
    return str(form_field.written(value) if hasattr(form_field, "written") else value)


def _shown(form_field: Any, value: Any) -> str:
    """As people read it: the word of a choice, else what stands in addresses."""
    if hasattr(form_field, "shown"):
        return str(form_field.shown(value))
    text = _written(form_field, value)
    return str(dict(getattr(form_field, "choices", ())).get(text, text))

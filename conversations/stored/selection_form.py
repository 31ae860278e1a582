"""The filters of the ledger as form fields: how each is written, checked and shown."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.models import Deployment, Endpoint, Team, User
from conversations.models.responses import Origin, Status, UpstreamState
from conversations.people import rights

ANY = ("", gettext_lazy("Any"))
ANY_ERROR = "any"
MOST_DAYS = 3650
MOST_IDS = 200
UNITS = {"": 1, "b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}
MOST_BYTES = 2**62
KEY = "#"


class RowField(forms.CharField):
    """A row by a name that people know, else by its number. `keyed`: by `#` and its number, which no new name
    for it changes; older texts have names there, too.
    """

    keyed = False

    def __init__(self, rows: Callable[[], QuerySet[Any]], name: str, **options: Any) -> None:
        super().__init__(max_length=300, **options)
        self.rows, self.row_name = rows, name

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if self.keyed and text.startswith(KEY):
            return self.numbered(text.removeprefix(KEY))
        return self.find(text) if text else None

    def find(self, text: str) -> Any:
        named = list(self.rows().filter(**{self.row_name: text})[:2])
        if len(named) > 1:
            raise ValidationError(_("Several have the name “%(text)s”."), params={"text": text})
        return named[0] if named else self.numbered(text)

    def numbered(self, text: str) -> Any:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        row = None if number is None else self.rows().filter(pk=number).first()
        if row is None:
            raise ValidationError(_("There is none named “%(text)s”."), params={"text": text})
        return row

    def written(self, row: Any) -> str:
        return f"{KEY}{row.pk}" if self.keyed else self.name_of(row)

    def name_of(self, row: Any) -> str:
        return str(getattr(row, self.row_name))


class DeploymentField(RowField):
    """By its name, if only one endpoint has it, or by endpoint/name."""

    def find(self, text: str) -> Any:
        endpoint, _slash, name = text.partition("/")
        full = self.rows().filter(endpoint__name=endpoint, name=name).first() if name else None
        return full or super().find(text)

    def name_of(self, row: Any) -> str:
        return f"{row.endpoint.name}/{row.name}"


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        """As a browser wants it: in the desk's time zone, without naming it."""
        moment = parse_datetime(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime):
            return value or None
        local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
        return local.replace(tzinfo=None).isoformat(timespec="seconds")


class MomentField(forms.CharField):
    """A time with its zone, or in the desk's own where it names none; of a whole day the start or the end."""

    widget = MomentInput

    def __init__(self, *, ends: bool = False, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.ends = ends

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.moment(text.replace(" ", "+") if "T" in text else text).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError(
                _("“%(text)s” is no time. Write 2026-11-05, 2026-11-05T14:30 or 2026-11-05T14:30+01:00."),
                params={"text": text},
            ) from error

    def moment(self, text: str) -> datetime:
        day = parse_date(text)
        if day is not None:
            start = datetime(day.year, day.month, day.day) + timedelta(days=self.ends)  # noqa: DTZ001  made aware below
            return timezone.make_aware(start)
        found = parse_datetime(text)
        if found is None:
            raise ValueError(text)
        return found if timezone.is_aware(found) else timezone.make_aware(found)

    def written(self, moment: datetime) -> str:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def shown(self, moment: datetime) -> str:
        return date_format(timezone.localtime(moment), "j M Y, H:i")


class SizeField(forms.CharField):
    """Bytes, or kB, MB and GB of a thousand each."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        found = re.fullmatch(r"(\d{1,18})(?:\.(\d{1,3}))? ?([kmg]?b)?", text.strip().lower(), re.ASCII)
        size = Decimal(f"{found[1]}.{found[2] or 0}") * UNITS[found[3] or ""] if found else Decimal(-1)
        if not 0 <= size <= MOST_BYTES:
            raise ValidationError(
                _("“%(text)s” is no size. Write 2000, 20 kB or 1.5 MB."), params={"text": text}
            )
        return int(size)


class IdsField(forms.CharField):
    """Rows by their own ids, which commas separate: those that somebody ticked."""

    def clean(self, value: Any) -> tuple[UUID, ...] | None:
        text = super().clean(value)
        try:
            ids = tuple(dict.fromkeys(UUID(each) for each in text.split(",") if each))
        except ValueError as error:
            raise ValidationError(_("Ids of rows are expected, separated by commas.")) from error
        if len(ids) > MOST_IDS:
            raise ValidationError(_("At most %d rows can be named by their ids.") % MOST_IDS)
        return ids or None

    def written(self, value: tuple[UUID, ...]) -> str:
        return ",".join(map(str, value))

    def shown(self, value: tuple[UUID, ...]) -> str:
        return ngettext("%d row", "%d rows", len(value)) % len(value)


class YesNoField(forms.TypedChoiceField):
    def __init__(self, **options: Any) -> None:
        choices = [ANY, ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
        super().__init__(choices=choices, coerce=lambda text: text == "yes", empty_value=None, **options)

    def written(self, value: bool) -> str:
        return "yes" if value else "no"


def choices(of: Any) -> list[tuple[str, Any]]:
    return [ANY, *of.choices]


def whole(label: Any, most: int = 2**62) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=most)


class AmountField(forms.DecimalField):
    def written(self, value: Decimal) -> str:
        return f"{value:f}"


def amount(label: Any) -> AmountField:
    return AmountField(label=label, required=False, min_value=0, max_digits=14, decimal_places=6)


class SelectionForm(forms.Form):
    """One field for each filter; the names are those in addresses. `by`: finds only what that person sees.
    `keyed`: rows are written by their keys.
    """

    person = RowField(User.objects.all, "username", label=gettext_lazy("Person"), required=False)
    team = RowField(Team.objects.all, "name", label=gettext_lazy("Team"), required=False)
    conversation = forms.UUIDField(label=gettext_lazy("Conversation"), required=False)
    deployment = DeploymentField(
        lambda: Deployment.objects.select_related("endpoint"),
        "name",
        label=gettext_lazy("Deployment"),
        required=False,
    )
    endpoint = RowField(Endpoint.objects.all, "name", label=gettext_lazy("Endpoint"), required=False)
    model = forms.CharField(label=gettext_lazy("Model"), required=False, max_length=120)
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False, choices=choices(Status))
    upstream = forms.ChoiceField(
        label=gettext_lazy("Upstream"), required=False, choices=choices(UpstreamState)
    )
    origin = forms.ChoiceField(label=gettext_lazy("Origin"), required=False, choices=choices(Origin))
    days = forms.IntegerField(
        label=gettext_lazy("Days back"), required=False, min_value=1, max_value=MOST_DAYS
    )
    tokens_from = whole(gettext_lazy("Tokens from"))
    tokens_to = whole(gettext_lazy("Tokens to"))
    cost_from = amount(gettext_lazy("Cost from"))
    cost_to = amount(gettext_lazy("Cost to"))
    size_from = SizeField(label=gettext_lazy("Size from"), required=False)
    size_to = SizeField(label=gettext_lazy("Size to"), required=False)
    held = YesNoField(label=gettext_lazy("Held"), required=False)
    expires_within = whole(gettext_lazy("Expires within days"), MOST_DAYS)
    expires_from = MomentField(label=gettext_lazy("Expires from"), required=False)
    expires_to = MomentField(label=gettext_lazy("Expires to"), required=False, ends=True)
    background = YesNoField(label=gettext_lazy("Background"), required=False)
    error = forms.CharField(label=gettext_lazy("Error"), required=False, max_length=60)
    ids = IdsField(label=gettext_lazy("Ticked"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User | None = None, keyed: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, RowField):
                field.keyed = keyed
        # "from" is a word of Python's own, so these two can't stand above.
        self.fields["from"] = MomentField(label=_("From"), required=False)
        self.fields["to"] = MomentField(label=_("To"), required=False, ends=True)
        self.fields["error"].help_text = _("“any”, or a kind of error")
        self.order_fields([*FIRST, *(name for name in self.fields if name not in FIRST)])
        if by is not None:
            self._narrow(by)

    def _narrow(self, by: User) -> None:
        """A name, or the number of a row, must not tell that there is something else than one may see."""
        seen: dict[str, Callable[[], QuerySet[Any]]] = {
            "person": lambda: rights.people_at_desk(by),
            "team": lambda: rights.teams_at_desk(by),
            "deployment": lambda: rights.deployments_at_desk(by).select_related("endpoint"),
            "endpoint": lambda: rights.endpoints_at_desk(by),
        }
        for name, rows in seen.items():
            field = self.fields[name]
            assert isinstance(field, RowField)  # noqa: S101  # for mypy
            field.rows = rows


FIRST = ("person", "team", "conversation", "from", "to", "days", "deployment", "endpoint", "model")

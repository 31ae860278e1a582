"""Asks what a plan of deletions shall cover. What an address names already isn't asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import Response, User
from conversations.models.deletion_jobs import Source
from conversations.people import rights
from conversations.people.audit import Actor
from conversations.retention.wanted import NAMED, Wanted, is_bounded
from conversations.stored.selection import BadSelection, Selection

# What an address may say beside the filters.
OWN = ("source", "root")
SOURCES = (Source.SELECTION, Source.CONVERSATION, Source.PERSON, Source.TREE, Source.BRANCH)
EXPIRING, BETWEEN, EVERYTHING = "expiring", "between", "everything"
WINDOWS = [
    (EXPIRING, gettext_lazy("What expires upstream within so many days")),
    (BETWEEN, gettext_lazy("What was asked between two times")),
    (EVERYTHING, gettext_lazy("Everything, however old or new")),
]


@dataclass(frozen=True)
class Subject:
    """What an address names."""

    source: Source
    selection: Selection
    root: Response | None = None

    @classmethod
    def parse(cls, params: QueryDict, user: User) -> "Subject":
        """A BadSelection names what is wrong."""
        filters = params.copy()
        source = (filters.pop("source", None) or [Source.SELECTION.value])[-1]
        root = (filters.pop("root", None) or [""])[-1]
        if source not in SOURCES:
            raise BadSelection({"source": [_("There is no such kind of plan.")]})
        return cls(Source(source), Selection.parse(filters, user), _root(root, user))

    @property
    def needs_window(self) -> bool:
        return self.source not in NAMED and not is_bounded(self.selection)


def _root(key: str, user: User) -> Response | None:
    if not key:
        return None
    try:
        return rights.responses_at_desk(user).get(pk=key)
    except (Response.DoesNotExist, ValueError, forms.ValidationError) as error:
        raise BadSelection({"root": [_("There is no such response among those that you see.")]}) from error


class PlanForm(forms.Form):
    window = forms.ChoiceField(
        label=gettext_lazy("Which of them"), choices=WINDOWS, widget=forms.RadioSelect, initial=EXPIRING
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until they expire"), min_value=1, max_value=3650, required=False, initial=7
    )
    since = forms.DateTimeField(
        label=gettext_lazy("Asked from"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Asked before"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    erase = forms.BooleanField(
        label=gettext_lazy("Erase their text here, too"),
        required=False,
        help_text=gettext_lazy(
            "Once upstream's copy is gone, questions and answers are erased from the ledger, the search and"
            " the exports that are kept. Ids, times, costs and the proof stay."
        ),
    )

    def __init__(self, subject: Subject, *args: Any) -> None:
        super().__init__(*args)
        self.subject = subject
        if not subject.needs_window:
            for name in ("window", "days", "since", "until"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("window") == EXPIRING and given.get("days") is None:
            self.add_error("days", _("Say within how many days."))
        if given.get("window") == BETWEEN and not (given.get("since") and given.get("until")):
            self.add_error("since", _("Say from when and until when."))
        return given

    def wanted(self, *, by: User, actor: Actor) -> Wanted:
        given = self.cleaned_data
        source, selection, everything = _windowed(self.subject, given)
        return Wanted(
            source=source,
            selection=selection,
            root=self.subject.root,
            everything=everything,
            erase=given["erase"],
            by=by,
            actor=actor,
        )


def _windowed(subject: Subject, given: Mapping[str, Any]) -> tuple[Source, Selection, bool]:
    match given.get("window"):
        case "expiring":
            within = replace(subject.selection, expires_within=given["days"])
            return Source.EXPIRING, within, False
        case "between":
            between = replace(subject.selection, from_=given["since"], to=given["until"])
            return subject.source, between, False
        case "everything":
            return subject.source, subject.selection, True
    return subject.source, subject.selection, False

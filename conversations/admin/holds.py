"""Holds at the desk: what must stay and why, placed from where its subject is shown, ended with a reason."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from conversations import clock
from conversations.admin import cells, response_facts
from conversations.admin.cells import column
from conversations.admin.confirming import Bill, Deed, Line, done_or_asked
from conversations.admin.reading import OfTeams, ReadOnly
from conversations.models import Conversation, HeldCopy, Hold, User
from conversations.models.deletions import GONE, UNDECIDED, Outcome
from conversations.models.holds import SUBJECTS, CopyState
from conversations.models.responses import AT_UPSTREAM
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.stored import holds
from conversations.stored.holds import CannotHold, Subject

COUNTED_AT_MOST = 10_000
SHOWN = 50
KINDS = {
    "conversation": gettext_lazy("Conversation"),
    "person": gettext_lazy("Person"),
    "team": gettext_lazy("Team"),
    "response": gettext_lazy("Response"),
}
COPIES = {
    CopyState.PENDING: ("", "hourglass"),
    CopyState.COMPLETE: ("stored", "check"),
    CopyState.FETCHED: ("stored", "download"),
    CopyState.PARTIAL: ("expiring", "circle-alert"),
    CopyState.TROUBLE: ("failed", "circle-alert"),
    CopyState.LOST: ("failed", "octagon-alert"),
}
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class HoldForm(forms.Form):
    of = forms.ChoiceField(label=gettext_lazy("What must stay"), choices=list(KINDS.items()))
    name = forms.CharField(
        label=gettext_lazy("Which"),
        max_length=200,
        help_text=gettext_lazy("A username, a team's name, or the id of a conversation or response."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=holds.REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Everyone at the desk sees it; members see only that there is a hold."),
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("Begins (UTC)"),
        required=False,
        widget=MOMENT,
        help_text=gettext_lazy("Empty: now."),
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Ends (UTC)"),
        required=False,
        widget=MOMENT,
        help_text=gettext_lazy("Empty: when somebody ends it."),
    )
    subject: Subject

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if {"of", "name"} <= given.keys():
            found = subject_named(self.user, given["of"], given["name"].strip())
            if found is None:
                self.add_error("name", _("There is no such row among those that you see."))
            elif not rights.may_hold_this(self.user, found):
                self.add_error("name", _("It lies outside the teams that you are limited to."))
            else:
                self.subject = found
        return given


def subject_named(user: User, of: str, name: str) -> Subject | None:
    match of:
        case "person":
            return rights.people_at_desk(user).filter(username=name).first()
        case "team":
            return rights.teams_at_desk(user).filter(name=name).first()
        case "conversation":
            rows = rights.of_their_teams(Conversation.objects.all(), user, "team")
            return rows.filter(pk__in=_uuids(name)).first()
    responses = rights.responses_at_desk(user)
    return responses.filter(Q(pk__in=_uuids(name)) | Q(response_id=name)).first()


def _uuids(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []


def name_of(subject: Subject) -> tuple[str, str]:
    """Its kind, and how the form names it."""
    of = holds.KINDS[type(subject)]
    return of, str(getattr(subject, {"person": "username", "team": "name"}.get(of, "pk")))


def door_for(user: User, subject: Any) -> str:
    """The page that places a hold on it; empty where this person may not, or nothing could be held."""
    if type(subject) not in holds.KINDS or not rights.may_hold_this(user, subject):
        return ""
    of, name = name_of(subject)
    return f"{reverse('admin:conversations_hold_add')}?{urlencode({of: name})}"


def state_pill(hold: Hold) -> SafeString:
    now = clock.now()
    if hold.lifted_at:
        return cells.pill(_("Ended by hand"), icon_name="square")
    if hold.ends_at and hold.ends_at <= now:
        return cells.pill(_("Ended"), icon_name="square")
    if hold.starts_at > max(now, hold.placed_at):
        return cells.pill(_("Begins later"), icon_name="clock")
    return cells.pill(_("In force"), meaning="held", icon_name="lock")


class InForce(admin.SimpleListFilter):
    title = gettext_lazy("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("In force")), ("no", gettext_lazy("Not in force"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        in_force = holds.in_force().values("pk")
        match self.value():
            case "yes":
                return queryset.filter(pk__in=in_force)
            case "no":
                return queryset.exclude(pk__in=in_force)
        return queryset


@admin.register(Hold)
class HoldAdmin(ReadOnly):
    change_form_template = "admin/hold.html"
    list_display = ["what", "state", "reason", "placed_by", "begins", "ends"]
    list_filter = [InForce]
    list_select_related = ["person", "team", "conversation", "response", "placed_by"]
    fieldsets = [
        (None, {"fields": ["state", *SUBJECTS, "reason", "placed_by", "placed_at"]}),
        (_("When"), {"fields": ["begins", "ends", "lifted_at", "lifted_by", "lift_reason"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        return rights.holds_of(rights.person_of(request))

    def get_fieldsets(self, request: HttpRequest, obj: Hold | None = None) -> Any:
        """The one subject that it has, and how it was ended where it was."""
        if obj is None:
            return self.fieldsets
        optional = (*SUBJECTS, "lifted_at", "lifted_by", "lift_reason")
        empty = {name for name in optional if not getattr(obj, name)}
        return [
            (title, {"fields": [name for name in told["fields"] if name not in empty]})
            for title, told in self.fieldsets
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and rights.may_hold(request.user)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.end_view))
        return [path("<int:key>/end/", view, name="hold-end"), *super().get_urls()]

    @column(gettext_lazy("What must stay"))
    def what(self, hold: Hold) -> str:
        of = holds.kind_of(hold)
        subject = holds.subject_of(hold)
        return f"{KINDS[of]} {subject.name if isinstance(subject, User) else _short(subject)}"

    @column(gettext_lazy("State"))
    def state(self, hold: Hold) -> SafeString:
        return state_pill(hold)

    @column(gettext_lazy("Begins"), order="starts_at")
    def begins(self, hold: Hold) -> SafeString:
        return cells.moment(hold.starts_at)

    @column(gettext_lazy("Ends"), order="ends_at")
    def ends(self, hold: Hold) -> SafeString | str:
        return cells.moment(hold.ends_at) if hold.ends_at else _("When it is ended")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = rights.person_of(request)
        posted = request.POST if request.method == "POST" else None
        form = HoldForm(user, posted, initial=_asked_for(request))
        if form.is_valid():
            try:
                hold = _placed(request, form)
            except CannotHold as error:
                form.add_error(None, str(error))
            else:
                messages.add_message(request, *told_of(hold))
                return redirect("admin:conversations_hold_change", hold.pk)
        context = {"form": form, "title": _("Place a hold"), "opts": self.opts}
        shared = self.admin_site.each_context(request)
        return TemplateResponse(request, "admin/hold_form.html", shared | context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        hold = self.get_object(request, object_id)
        told = {} if hold is None else shown(hold, rights.person_of(request))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    def end_view(self, request: HttpRequest, key: int) -> HttpResponseBase:
        user = rights.person_of(request)
        if not rights.may_hold(user):
            raise PermissionDenied
        hold = get_object_or_404(self.get_queryset(request), pk=key)
        if not rights.may_hold_this(user, holds.subject_of(hold)):
            raise PermissionDenied
        deed = Deed(
            bill=lambda: _ending(hold, user),
            act=lambda reason: holds.end(hold, reason=reason, user=user, actor=of_request(request)),
            refusal=CannotHold,
            done=_("The hold has ended."),
            back=reverse("admin:conversations_hold_change", args=[hold.pk]),
        )
        return done_or_asked(request, self.admin_site, deed)


@admin.register(HeldCopy)
class HeldCopyAdmin(OfTeams):
    """Of these only what became of them: the words are on the response's page, for who has a reason."""

    team_path = "response__team"
    list_display = ["name", "how", "trouble", "attempts", "looked_at"]
    list_filter = ["state"]
    list_select_related = ["response"]
    fields = ["response", "how", "missing", "trouble", "attempts", "looked_at", "due_at"]

    @column(gettext_lazy("Response id"))
    def name(self, row: HeldCopy) -> SafeString:
        return cells.identifier(row.response)

    @column(gettext_lazy("State"), order="state")
    def how(self, row: HeldCopy) -> SafeString:
        return copy_pill(row)


def copy_pill(row: HeldCopy) -> SafeString:
    meaning, icon = COPIES[CopyState(row.state)]
    return cells.pill(row.get_state_display(), meaning=meaning, icon_name=icon)


def _short(subject: Subject) -> str:
    return str(subject) if holds.KINDS[type(subject)] in ("team", "response") else str(subject.pk)


def _asked_for(request: HttpRequest) -> dict[str, str]:
    named = [(of, request.GET[of]) for of in KINDS if of in request.GET]
    return {"of": named[0][0], "name": named[0][1]} if named else {}


def _placed(request: HttpRequest, form: HoldForm) -> Hold:
    given = form.cleaned_data
    return holds.place(
        form.subject,
        reason=given["reason"],
        user=rights.person_of(request),
        actor=of_request(request),
        starts_at=given["starts_at"],
        ends_at=given["ends_at"],
    )


def told_of(hold: Hold) -> tuple[int, str]:
    """What the person who placed it is told."""
    if hold.starts_at > hold.placed_at:
        return messages.SUCCESS, _("The hold is written down and begins by itself.")
    count = hold.in_flight.count()
    if not hold.in_flight_seen_at:
        words = _("The hold is in force. Whether deletions were on their way is looked for within minutes.")
        return messages.WARNING, words
    if not count:
        return messages.SUCCESS, _("The hold is in force. Nothing of it was on its way to be deleted.")
    words = ngettext(
        "The hold is in force for everything but %d deletion that was on its way already: see below.",
        "The hold is in force for everything but %d deletions that were on their way already: see below.",
        count,
    )
    return messages.WARNING, words % count


def shown(hold: Hold, user: User) -> dict[str, Any]:
    """Of limited staff's sight only what they could list."""
    rows = rights.responses_at_desk(user).filter(holds.covered(hold))
    late = hold.in_flight.filter(response__in=rights.responses_at_desk(user)).select_related("response")
    copies = HeldCopy.objects.filter(response__in=rows).select_related("response")
    ended = hold.lifted_at or (hold.ends_at and hold.ends_at <= clock.now())
    return {
        "covers": _counted(rows),
        "there": _counted(rows.filter(upstream_state__in=AT_UPSTREAM)),
        "late": [{"row": row, "pill": _outcome(row.outcome), "meant": _meant(row.outcome)} for row in late],
        "copies": [
            {"row": row, "pill": copy_pill(row)}
            for row in copies.exclude(state=CopyState.COMPLETE).order_by("-looked_at")[:SHOWN]
        ],
        "complete": _counted(copies.filter(state=CopyState.COMPLETE)),
        "may_end": not ended and rights.may_hold_this(user, holds.subject_of(hold)),
        "list_url": _list_url(hold),
    }


def _list_url(hold: Hold) -> str:
    of, name = name_of(holds.subject_of(hold))
    if of == "response":
        return reverse("admin:conversations_response_change", args=[name])
    return f"{reverse('admin:conversations_response_changelist')}?{urlencode({of: name})}"


def _counted(rows: QuerySet[Any]) -> str:
    count = rows.order_by()[: COUNTED_AT_MOST + 1].count()
    return f"{count:,}" if count <= COUNTED_AT_MOST else f"{COUNTED_AT_MOST:,}+"


def _outcome(outcome: str) -> SafeString:
    meaning, icon = response_facts.OUTCOMES[Outcome(outcome)]
    return cells.pill(Outcome(outcome).label, meaning=meaning, icon_name=icon)


def _meant(outcome: str) -> str:
    if outcome in GONE:
        return _("It got through: upstream has it no more, and the ledger here keeps what it said.")
    if outcome in UNDECIDED:
        return _("Upstream has not answered yet.")
    return _("It did not get through: upstream still has it, and the hold keeps it.")


def _ending(hold: Hold, user: User) -> Bill:
    told = shown(hold, user)
    return Bill(
        title=_("End this hold"),
        lead=_("“%s” then forbids nothing any more. Nothing is deleted by ending it.") % hold.reason,
        lines=[
            Line(_("Responses that it covers"), told["covers"], _("Other holds may cover some of them too.")),
            Line(_("of those still upstream, as far as is known"), told["there"]),
        ],
        act=_("End the hold"),
        back=reverse("admin:conversations_hold_change", args=[hold.pk]),
        is_possible=bool(told["may_end"]),
    )

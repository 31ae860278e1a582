"""The audit trail at the desk: filtered, looked at, exported; nobody changes it."""

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.admin import deeds
from conversations.admin.keyset import KeysetChangeList
from conversations.admin.reading import ReadOnly
from conversations.models import AuditEntry, AuditHead, Team, User
from conversations.models.audit import Action
from conversations.people import chain, rights
from conversations.people.audit import of_request, record

BATCH = 1000


class Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class Selection(forms.Form):
    """Which entries; all of it may stay empty."""

    since = forms.DateTimeField(required=False, label=_("From (UTC)"), widget=Moment)
    until = forms.DateTimeField(required=False, label=_("To (UTC)"), widget=Moment)
    action = forms.ChoiceField(required=False, label=_("Action"), choices=[("", _("All")), *Action.choices])
    actor = forms.CharField(required=False, label=_("Actor"), help_text=_("alice, cli:root, system:worker"))
    subject = forms.CharField(required=False, label=_("Subject"), help_text=_("user or user:12"))
    team = forms.ModelChoiceField(Team.objects.none(), required=False, label=_("Team"), empty_label=_("All"))

    def __init__(self, data: Any, by: User) -> None:
        super().__init__(data)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)  # noqa: S101  # for mypy
        team.queryset = rights.teams_at_desk(by)

    def narrow(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """None at all while something in the form is wrong."""
        if not self.is_valid():
            return entries.none()
        wanted = self.cleaned_data
        conditions = {
            "at__gte": wanted["since"],
            "at__lt": wanted["until"],
            "action": wanted["action"],
            "team_id": wanted["team"] and wanted["team"].pk,
            **_actor(wanted["actor"]),
            **_subject(wanted["subject"]),
        }
        return entries.filter(**{name: value for name, value in conditions.items() if value})

    def told(self) -> dict[str, str]:
        """What was asked for, as the audit trail tells it."""
        return {name: str(value) for name, value in self.data.items() if name in self.fields and value}


def _actor(text: str) -> dict[str, Any]:
    """A person, under every name that the account has had, or anything else by its text."""
    known = User.objects.filter(username=text).values_list("pk", flat=True).first() if text else None
    return {"actor_id": known} if known else {"actor": text}


def _subject(text: str) -> dict[str, Any]:
    kind, _colon, identity = text.partition(":")
    return {"subject_type": kind.strip().lower(), "subject_id": identity.strip()}


class AuditList(KeysetChangeList):
    own_parameters = tuple(Selection.base_fields)

    def narrow(self, rows: QuerySet[AuditEntry], request: HttpRequest) -> QuerySet[AuditEntry]:
        name = Team.objects.filter(pk=OuterRef("team_id")).values("name")[:1]
        selection = Selection(request.GET, rights.person_of(request))
        return selection.narrow(rows).annotate(team_name=Subquery(name))


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ["number", "moment", "who", "action", "subject", "team", "reason", "source"]
    fields = [
        *("number", "moment", "actor", "actor_id", "action", "subject_type", "subject_id", "team_id"),
        *("reason", "details", "source", "key_id", "previous_hash", "hash"),
    ]
    sortable_by = ()
    readonly_fields = ["moment"]
    ordering = ["-number"]
    empty_value_display = ""
    change_list_template = "admin/audit.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and rights.may_read_audit(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return rights.audit_entries_for(rights.person_of(request))

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        return AuditList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        export = f"{reverse('admin:audit-export')}?{request.GET.urlencode()}"
        selection = Selection(request.GET, rights.person_of(request))
        context = {"selection": selection, "export": export, "title": _("Audit trail")}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        return [path("export/", view, name="audit-export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        selection = Selection(request.GET, rights.person_of(request))
        if not selection.is_valid():
            listed = reverse("admin:conversations_auditentry_changelist")
            return HttpResponseRedirect(f"{listed}?{request.GET.urlencode()}")
        details = {"format": "jsonl", "selection": selection.told()}
        record(Action.EXPORTED, actor=of_request(request), subject=("auditentry", ""), details=details)
        head = chain.current_head()
        entries = selection.narrow(self.get_queryset(request)).filter(number__lte=head.count)
        return StreamingHttpResponse(
            lines(entries, head),
            content_type="application/x-ndjson",
            headers={"Content-Disposition": f'attachment; filename="audit-{head.count}.jsonl"'},
        )

    @admin.display(description=_("at (UTC)"))
    def moment(self, entry: AuditEntry) -> str:
        return f"{entry.at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("actor"))
    def who(self, entry: AuditEntry) -> SafeString:
        """The name; in full, with the account's number, as the tooltip."""
        return format_html('<span title="{}">{}</span>', entry.actor, deeds.name_of(entry.actor))

    @admin.display(description=_("subject"))
    def subject(self, entry: AuditEntry) -> str:
        return f"{entry.subject_type} {entry.subject_id}".strip()

    @admin.display(description=_("team"))
    def team(self, entry: Any) -> Any:
        return entry.team_name or entry.team_id


async def lines(entries: QuerySet[AuditEntry], head: AuditHead) -> AsyncIterator[bytes]:
    """One entry a line, each as its hash covers it; the last line has the head, and tells a whole file."""
    count, last = 0, -1
    while batch := await sync_to_async(batch_after)(entries, last):
        yield b"".join(chain.canonical(entry.sealed() | {"hash": entry.hash}) + b"\n" for entry in batch)
        count, last = count + len(batch), batch[-1].number
    end = {"count": head.count, "hash": head.hash, "key_id": head.key_id, "seal": head.seal}
    yield chain.canonical({"entries": count, "head": end}) + b"\n"


def batch_after(entries: QuerySet[AuditEntry], number: int) -> list[AuditEntry]:
    return list(entries.filter(number__gt=number).order_by("number")[:BATCH])

"""Imports at the desk: a text is pasted or uploaded, its ids are gone through, the page tells how far."""

import io
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from conversations.admin import cells
from conversations.admin.cells import column
from conversations.admin.reading import OfTheirs, ReadOnly
from conversations.models import Deployment, ImportJob, Team, User
from conversations.models.imports import UNFINISHED, Outcome
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.stored import importing
from conversations.stored.finding import Unreadable
from conversations.stored.importing import Asked
from conversations.stored.tasks import enqueue

PROBLEMS_SHOWN = 200
MEANINGS = {
    Outcome.IMPORTED: ("stored", "check"),
    Outcome.KNOWN: ("", "archive"),
    Outcome.PENDING: ("", "hourglass"),
    Outcome.MISSING: ("deleted", "cloud-off"),
    Outcome.MALFORMED: ("expiring", "circle-alert"),
    Outcome.FORBIDDEN: ("failed", "lock"),
    Outcome.FAILED: ("failed", "octagon-alert"),
}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("A list, CSV, JSON or log, packed with gzip or not."),
    )
    text = forms.CharField(
        label=gettext_lazy("Or text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("Every resp_… in it is found once; the rest is not kept."),
    )
    deployment = forms.ModelChoiceField(
        Deployment.objects.none(),
        label=gettext_lazy("Deployment"),
        help_text=gettext_lazy("Its endpoint is asked for the responses."),
        empty_label=None,
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Team"),
        required=False,
        empty_label=gettext_lazy("Nobody's"),
        help_text=gettext_lazy("Whose text it is: staff who are limited to teams see it then."),
    )

    def __init__(self, user: User, *args: Any) -> None:
        super().__init__(*args)
        team, deployment = self.fields["team"], self.fields["deployment"]
        assert isinstance(team, forms.ModelChoiceField)  # noqa: S101  # for mypy
        assert isinstance(deployment, forms.ModelChoiceField)  # noqa: S101  # for mypy
        team.queryset = rights.teams_at_desk(user)
        deployment.queryset = rights.deployments_at_desk(user).select_related("endpoint")
        if user.limited_to.exists():
            team.required, team.empty_label = True, None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not given.get("file") and not given.get("text"):
            raise forms.ValidationError(_("Choose a file or paste a text."))
        return given


@admin.register(ImportJob)
class ImportAdmin(ReadOnly):
    change_form_template = "admin/import.html"
    list_display = ["source", "created_at", "status", "progress", "endpoint", "team", "actor"]
    list_filter = ["status", ("endpoint", OfTheirs)]
    list_select_related = ["endpoint", "team"]
    add_label = gettext_lazy("Import responses")
    first_steps = gettext_lazy(
        "An import brings in responses that other programs made, by the ids that stand in any list or log."
    )
    fields = [
        *("endpoint", "deployment", "team", "actor", "source", "sha256", "occurrences"),
        *("created_at", "ended_at", "trouble"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportJob]:
        return rights.imports_of(rights.person_of(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and rights.may_import(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @column(gettext_lazy("Ended"), figure=True)
    def progress(self, job: ImportJob) -> SafeString:
        counts = importing.outcomes(job)
        return cells.figure(sum(counts.values()) - counts[Outcome.PENDING])

    def get_urls(self) -> list[URLPattern]:
        views = {
            "progress": self.progress_view,
            "report": self.report_view,
            "again": require_POST(self.again_view),
        }
        own = [
            path(f"<uuid:key>/{name}/", self.admin_site.admin_view(view), name=f"import-{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = rights.person_of(request)
        form = ImportForm(user, request.POST, request.FILES) if request.method == "POST" else ImportForm(user)
        if form.is_valid():
            try:
                job = _begin(request, form.cleaned_data)
            except Unreadable as error:
                form.add_error("file", str(error))
            else:
                return redirect("admin:conversations_importjob_change", job.pk)
        context = {"form": form, "title": _("Import responses"), "opts": self.opts}
        return TemplateResponse(
            request, "admin/import_form.html", self.admin_site.each_context(request) | context
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        job = self.get_object(request, object_id)
        told = {} if job is None or not self.has_view_permission(request) else shown(job)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    def progress_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        job = self._job(request, key)
        counts = importing.outcomes(job)
        return JsonResponse(
            {"status": job.status, "running": job.status in UNFINISHED, "outcomes": counts} | _figures(counts)
        )

    def report_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        answer = JsonResponse(importing.report(self._job(request, key)), json_dumps_params={"indent": 2})
        answer["Content-Disposition"] = f'attachment; filename="import-{key}.json"'
        return answer

    def again_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        job = self._job(request, key)
        if importing.try_again(job, of_request(request)):
            enqueue(job)
        return redirect("admin:conversations_importjob_change", key)

    def _job(self, request: HttpRequest, key: UUID) -> ImportJob:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=key)


def _begin(request: HttpRequest, given: dict[str, Any]) -> ImportJob:
    file = given["file"]
    asked = Asked(
        actor=of_request(request),
        by=rights.person_of(request),
        deployment=given["deployment"],
        team=given["team"],
        source=file.name if file else _("pasted text"),
    )
    job = importing.begin(asked, file or io.BytesIO(given["text"].encode()))
    enqueue(job)
    return job


def _figures(counts: dict[str, int]) -> dict[str, int]:
    total = sum(counts.values())
    return {"total": total, "ended": total - counts[Outcome.PENDING]}


def shown(job: ImportJob) -> dict[str, Any]:
    counts = importing.outcomes(job)
    problems = importing.problems(job)
    return {
        "running": job.status in UNFINISHED,
        "outcomes": [
            {"name": outcome.value, "count": counts[outcome], "pill": _pill(outcome)} for outcome in Outcome
        ],
        "problems": [{"row": row, "pill": _pill(Outcome(row.outcome))} for row in problems[:PROBLEMS_SHOWN]],
        "more_problems": max(0, sum(counts[each] for each in importing.PROBLEMS) - PROBLEMS_SHOWN),
        "retryable": counts[Outcome.FAILED] + counts[Outcome.FORBIDDEN],
        "progress_url": reverse("admin:import-progress", args=[job.pk]),
        **_figures(counts),
    }


def _pill(outcome: Outcome) -> SafeString:
    meaning, icon = MEANINGS[outcome]
    return cells.pill(outcome.label, meaning=meaning, icon_name=icon)

"""Bulk deletions at the desk: a plan is made, looked at, executed, watched and ended."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from conversations.admin import cells, job_facts
from conversations.admin.cells import column
from conversations.admin.job_form import PlanForm, Subject
from conversations.admin.reading import ReadOnly
from conversations.models import DeletionJob, User
from conversations.models.audit import Action
from conversations.models.deletion_jobs import JobState
from conversations.people import rights
from conversations.people.audit import of_request, record
from conversations.people.rights import person_of
from conversations.retention import controls, executing
from conversations.retention.progress import progress_of
from conversations.retention.refusing import Refused
from conversations.retention.tasks import plan_now_or_later
from conversations.stored.selection import BadSelection

Act = Callable[[HttpRequest, DeletionJob], Any]


@admin.register(DeletionJob)
class DeletionJobAdmin(ReadOnly):
    change_form_template = "admin/job.html"
    change_list_template = "admin/job_list.html"
    list_display = ["what", "state_shown", "going", "held_shown", "who", "planned", "reason"]
    list_filter = ["state", "source", "erase"]
    list_select_related = ["planned_by"]
    fields = [
        *("source", "actor", "reason", "executed_by", "executed_at", "approved_by", "approved_at"),
        *("erase", "everything", "from_at", "to_at", "root", "hash"),
        *("created_at", "frozen_at", "ended_at", "reported_at", "report_sha256"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeletionJob]:
        return rights.jobs_of(person_of(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and rights.may_plan_deletions(request.user)

    @column(gettext_lazy("Made from"), order="source")
    def what(self, job: DeletionJob) -> SafeString:
        chips = ", ".join(f"{chip.label}: {chip.value}" for chip in job_facts.chips(job))
        return format_html("{} <small>{}</small>", job.get_source_display(), chips)

    @column(gettext_lazy("State"), order="state")
    def state_shown(self, job: DeletionJob) -> SafeString:
        return job_facts.state_pill(job)

    @column(gettext_lazy("To delete"), figure=True)
    def going(self, job: DeletionJob) -> SafeString:
        return cells.figure(job.total - job.held)

    @column(gettext_lazy("Held"), order="held", figure=True)
    def held_shown(self, job: DeletionJob) -> SafeString:
        return cells.figure(job.held)

    @column(gettext_lazy("Planned by"))
    def who(self, job: DeletionJob) -> SafeString | str:
        return cells.person(job.planned_by) if job.planned_by else job.actor

    @column(gettext_lazy("Planned"), order="created_at")
    def planned(self, job: DeletionJob) -> SafeString:
        return cells.moment(job.created_at)

    def get_urls(self) -> list[URLPattern]:
        acts: dict[str, Act] = {
            "execute": _execute,
            "approve": _approve,
            "discard": _discard,
            "pause": _pause,
            "resume": _resume,
            "cancel": _cancel,
            "retry": _retry,
        }
        own = [
            path(f"<uuid:key>/{name}/", self.admin_site.admin_view(self._door(act)), name=f"job-{name}")
            for name, act in acts.items()
        ]
        looks = {"progress": self.progress_view, "report": self.report_view}
        own += [
            path(f"<uuid:key>/{name}/", self.admin_site.admin_view(view), name=f"job-{name}")
            for name, view in looks.items()
        ]
        return [*own, *super().get_urls()]

    def _door(self, act: Act) -> Callable[..., HttpResponseBase]:
        """Does it, and goes back to the page, which says what is wrong where it can't be done."""

        @require_POST
        def view(request: HttpRequest, key: UUID) -> HttpResponseBase:
            if not self.has_add_permission(request):
                raise PermissionDenied
            job = get_object_or_404(self.get_queryset(request), pk=key)
            if not rights.may_steer(person_of(request), job):
                raise PermissionDenied
            try:
                act(request, job)
            except Refused as refused:
                messages.error(request, str(refused))
                return self._again(request, job)
            return redirect("admin:conversations_deletionjob_change", key)

        return view

    def _again(self, request: HttpRequest, job: DeletionJob) -> HttpResponse:
        """With the reason that was typed."""
        typed = {"reason": request.POST.get("reason", "")}
        # Django would take the form for its own.
        request.method = "GET"
        return self.change_view(request, str(job.pk), extra_context=typed)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = person_of(request)
        try:
            subject = Subject.parse(request.GET, user)
        except BadSelection as bad:
            return self._form(request, {"problem": str(bad)})
        form = PlanForm(subject, request.POST) if request.method == "POST" else PlanForm(subject)
        if form.is_valid():
            try:
                job = plan_now_or_later(form.wanted(by=user, actor=of_request(request)))
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return redirect("admin:conversations_deletionjob_change", job.pk)
        chips = subject.selection.describe()
        return self._form(request, {"form": form, "chips": chips, "subject": subject})

    def _form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        shared = self.admin_site.each_context(request) | {"title": _("Plan a deletion"), "opts": self.opts}
        return TemplateResponse(request, "admin/job_form.html", shared | context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        job = self.get_object(request, object_id)
        told = {} if job is None else job_facts.shown(job, person_of(request))
        return super().change_view(request, object_id, form_url, told | (extra_context or {}))

    def _seen(self, request: HttpRequest, key: UUID) -> DeletionJob:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=key)

    def report_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        job = self._seen(request, key)
        if not job.report:
            raise Http404
        details = {"sha256": job.report_sha256}
        record(Action.EXPORTED, actor=of_request(request), subject=job, reason=job.reason, details=details)
        name = f"deletion-{job.executed_at:%Y-%m-%d}-{str(job.pk)[:8]}.zip"
        return FileResponse(default_storage.open(job.report), as_attachment=True, filename=name)

    def progress_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        job = self._seen(request, key)
        if job.state == JobState.PLANNING:
            return JsonResponse(job_facts.planning(job))
        return JsonResponse(job_facts.live(job, progress_of(job)))


def _execute(request: HttpRequest, job: DeletionJob) -> None:
    given = request.POST
    executing.execute(
        job,
        plan_hash=given.get("hash", ""),
        reason=given.get("reason", ""),
        user=person_of(request),
        actor=of_request(request),
    )


def _approve(request: HttpRequest, job: DeletionJob) -> None:
    plan_hash = request.POST.get("hash", "")
    executing.approve(job, plan_hash=plan_hash, user=person_of(request), actor=of_request(request))


def _discard(request: HttpRequest, job: DeletionJob) -> None:
    executing.discard(job, user=person_of(request), actor=of_request(request))
    messages.success(request, _("The plan is thrown away. Nothing was deleted."))


def _pause(request: HttpRequest, job: DeletionJob) -> None:
    controls.pause(job, user=person_of(request), actor=of_request(request))


def _resume(request: HttpRequest, job: DeletionJob) -> None:
    controls.resume(job, user=person_of(request), actor=of_request(request))


def _cancel(request: HttpRequest, job: DeletionJob) -> None:
    number = controls.cancel(job, user=person_of(request), actor=of_request(request))
    said = ngettext("%d deletion will not be sent.", "%d deletions will not be sent.", number)
    messages.success(request, said % number)


def _retry(request: HttpRequest, job: DeletionJob) -> None:
    number = controls.retry_failed(job, user=person_of(request), actor=of_request(request))
    said = ngettext("%d failed deletion is tried again.", "%d failed deletions are tried again.", number)
    messages.success(request, said % number)

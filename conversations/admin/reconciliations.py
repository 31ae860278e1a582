"""Reconciliations at the desk: begun on an endpoint's page, looked at, settled by an import."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from conversations.admin import cells
from conversations.admin.reading import ReadOnly
from conversations.models import Endpoint, Reconciliation, User
from conversations.models.imports import UNFINISHED
from conversations.models.reconciling import Kind
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.stored import reconciling
from conversations.stored.tasks import enqueue

SHOWN = 200
MEANINGS = {
    Kind.ORPHAN: ("expiring", "unplug"),
    Kind.UNLEARNED: ("failed", "circle-help"),
    Kind.GHOST: ("deleted", "cloud-off"),
    Kind.STILL_THERE: ("stored", "cloud"),
}


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnly):
    change_form_template = "admin/reconciliation.html"
    list_display = ["created_at", "endpoint", "status", "listed", "actor"]
    list_select_related = ["endpoint"]
    first_steps = gettext_lazy(
        "The page of an endpoint begins one: it compares the ledger with what the endpoint lists."
    )
    fields = ["endpoint", "actor", "created_at", "ended_at", "listed", "settled_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reconciliation]:
        return super().get_queryset(request).select_related("endpoint", "settled_by")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and rights.may_reconcile(request.user)

    def get_urls(self) -> list[URLPattern]:
        def door(route: str, view: Any, name: str) -> URLPattern:
            made: URLPattern = path(route, self.admin_site.admin_view(view), name=f"reconciliation-{name}")
            return made

        return [
            door("begin/", require_POST(self.begin_view), "begin"),
            door("<uuid:key>/progress/", self.progress_view, "progress"),
            door("<uuid:key>/settle/", require_POST(self.settle_view), "settle"),
            *super().get_urls(),
        ]

    def begin_view(self, request: HttpRequest) -> HttpResponseBase:
        self._allow(request)
        key = request.POST.get("endpoint", "")
        if not key.isdecimal():
            return HttpResponseBadRequest()
        endpoint = get_object_or_404(Endpoint, pk=int(key))
        row = reconciling.begin(of_request(request), rights.person_of(request), endpoint)
        enqueue(row)
        return redirect("admin:conversations_reconciliation_change", row.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        told = {} if row is None or not self.has_view_permission(request) else shown(row)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    def progress_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        row = self._row(request, key)
        figures = {"total": row.listed, "ended": row.listed}
        return JsonResponse(
            {"running": row.status in UNFINISHED, "outcomes": reconciling.kinds(row)} | figures
        )

    def settle_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        row = self._row(request, key)
        job = reconciling.settle(row, of_request(request), rights.person_of(request))
        if job is None:
            messages.info(request, _("There is nothing to settle."))
            return redirect("admin:conversations_reconciliation_change", key)
        enqueue(job)
        return redirect("admin:conversations_importjob_change", job.pk)

    def _allow(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _row(self, request: HttpRequest, key: UUID) -> Reconciliation:
        self._allow(request)
        return get_object_or_404(self.get_queryset(request), pk=key)


def shown(row: Reconciliation) -> dict[str, Any]:
    counts = reconciling.kinds(row)
    found = row.differences.order_by("pk")[:SHOWN]
    return {
        "running": row.status in UNFINISHED,
        "outcomes": [{"name": kind.value, "count": counts[kind], "pill": _pill(kind)} for kind in Kind],
        "differences": [{"row": each, "pill": _pill(Kind(each.kind))} for each in found],
        "total": sum(counts.values()),
        "more": max(0, sum(counts.values()) - SHOWN),
        "progress_url": reverse("admin:reconciliation-progress", args=[row.pk]),
    }


def _pill(kind: Kind) -> SafeString:
    meaning, icon = MEANINGS[kind]
    return cells.pill(kind.label, meaning=meaning, icon_name=icon)

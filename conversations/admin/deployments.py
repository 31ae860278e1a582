"""Deployments at the desk, with what each can do: written, or found by a test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.admin import cells
from conversations.admin.reading import ForAdmins, is_admin
from conversations.models import Deployment, Trial
from conversations.models.imports import UNFINISHED
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.stored import testing
from conversations.stored.capabilities import FEATURES, Abilities, abilities_of
from conversations.stored.tasks import enqueue


@dataclass(frozen=True)
class Ability:
    name: str
    pill: SafeString
    words: str
    tried_at: datetime | None


@admin.register(Deployment)
class DeploymentAdmin(ForAdmins):
    list_display = ["title", "name", "endpoint", "model", "enabled", "background"]
    list_select_related = ["endpoint"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deployment]:
        return rights.deployments_at_desk(rights.person_of(request))

    def get_urls(self) -> list[URLPattern]:
        begin = self.admin_site.admin_view(require_POST(self.test_view))
        look = self.admin_site.admin_view(require_safe(self.progress_view))
        return [
            path("<int:key>/test/", begin, name="deployment-test"),
            path("<int:key>/test/progress/", look, name="deployment-test-progress"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        told = {} if row is None else shown(row) | {"may_test": is_admin(request)}
        return super().change_view(request, object_id, form_url, told | (extra_context or {}))

    def test_view(self, request: HttpRequest, key: int) -> HttpResponseBase:
        if not is_admin(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=key)
        enqueue(testing.begin(row, by=rights.person_of(request), actor=of_request(request)))
        return redirect("admin:conversations_deployment_change", key)

    def progress_view(self, request: HttpRequest, key: int) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        test = testing.last(get_object_or_404(self.get_queryset(request), pk=key))
        if test is None:
            return JsonResponse({"running": False})
        told = {"status": test.status, "running": test.status in UNFINISHED}
        return JsonResponse(told | {"total": test.total, "ended": test.done})


def shown(row: Deployment) -> dict[str, Any]:
    test = testing.last(row)
    return {
        "test": test,
        "testing": test is not None and test.status in UNFINISHED,
        "remark": abilities_of(row).remark,
        "abilities": list(_abilities(row)),
    }


def _abilities(row: Deployment) -> Iterator[Ability]:
    abilities = abilities_of(row)
    trials = {trial.feature: trial for trial in Trial.objects.filter(deployment=row)}
    for feature, label in FEATURES.items():
        trial, effort = trials.get(feature), feature.partition(":")[2]
        name = f"{label}: {effort}" if effort else str(label)
        words = trial.words if trial else abilities.why_not(feature)
        yield Ability(name, _pill(feature, trial, abilities), words, trial.tried_at if trial else None)


def _pill(feature: str, trial: Trial | None, abilities: Abilities) -> SafeString:
    if trial is not None and trial.works is not None:
        word, look = (_("Works"), ("stored", "check")) if trial.works else (_("Refused"), ("failed", "x"))
    elif abilities.why_not(feature):
        word, look = _("Can't, it is written"), ("expiring", "circle-alert")
    else:
        word, look = _("Not tested"), ("", "circle-help")
    return cells.pill(word, meaning=look[0], icon_name=look[1])

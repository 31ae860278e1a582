"""Exports at the desk: what the list has selected, with a reason, fetched by the one who asked."""

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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.reading import ReadOnly
from conversations.models import Export, User
from conversations.models.exports import Format, Scope
from conversations.models.imports import UNFINISHED
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.stored.exporting import Wanted
from conversations.stored.selection import BadSelection, Selection, responses_of
from conversations.stored.tasks import export


class ExportForm(forms.Form):
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=Format.choices)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "An export is reading: your name and this reason are kept in the audit trail, and the people "
            "whose conversations are in it see both."
        ),
    )


@admin.register(Export)
class ExportAdmin(ReadOnly):
    change_form_template = "admin/export.html"
    list_display = ["created_at", "status", "format", "written", "size", "reason", "query"]
    list_filter = ["status", "format"]
    first_steps = gettext_lazy(
        "Filter the list of responses or tick some of its rows, then choose Export there. What you asked for "
        "can be fetched here."
    )
    fields = [
        *("actor", "reason", "query", "format", "expected", "written", "size", "sha256"),
        *("created_at", "ended_at", "kept_until", "trouble"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        return rights.exports_of(rights.person_of(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and rights.may_export(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.progress_view)
        return [path("<uuid:key>/progress/", view, name="export-progress"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # An export begins where one sees what it takes along.
        return super().changelist_view(request, {"has_add_permission": False} | (extra_context or {}))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = rights.person_of(request)
        try:
            selection = Selection.parse(request.GET, user)
        except BadSelection as bad:
            context = {"problem": str(bad), "title": _("Export responses"), "opts": self.opts}
            return self._page(request, context)
        form = ExportForm(request.POST) if request.method == "POST" else ExportForm()
        if form.is_valid():
            made = export(_wanted(request, selection, form.cleaned_data))
            return redirect("admin:conversations_export_change", made.pk)
        count = responses_of(user, selection).count()
        context = {"form": form, "chips": selection.describe(), "count": count}
        return self._page(request, context | {"title": _("Export responses"), "opts": self.opts})

    def _page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        shared = self.admin_site.each_context(request)
        return TemplateResponse(request, "admin/export_form.html", shared | context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        told = {} if row is None or row.status not in UNFINISHED else {"running": True}
        url = reverse("admin:export-progress", args=[object_id]) if row else ""
        context = {**(extra_context or {}), **told, "progress_url": url}
        return super().change_view(request, object_id, form_url, context)

    def progress_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=key)
        figures = {"total": row.expected, "ended": row.written}
        return JsonResponse({"status": row.status, "running": row.status in UNFINISHED, **figures})


def _wanted(request: HttpRequest, selection: Selection, given: dict[str, Any]) -> Wanted:
    return Wanted(
        actor=of_request(request),
        by=rights.person_of(request),
        scope=Scope.SELECTION,
        format=Format(given["format"]),
        reason=given["reason"],
        query=selection.query(),
    )

"""A response's page: what the ledger has beside what upstream says, its chain, and deleting it there."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.admin import response_calls, response_facts, response_steps, response_views
from conversations.models import Response
from conversations.people import grants, rights
from conversations.people.audit import of_request
from conversations.stored import auditing, consequences, deleting, handing_out, references
from conversations.stored.auditing import InputItems, Sight
from conversations.stored.deleting import CannotDelete

FOLDER = "admin/conversations/response"


class ResponsePage(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Mixed into the ModelAdmin of responses."""

    def get_urls(self) -> list[URLPattern]:
        doors = {
            "grant": require_POST(self.grant_view),
            "retrieve": require_POST(self.retrieve_view),
            "input-items": require_POST(self.input_items_view),
            "delete-upstream": require_http_methods(["GET", "POST"])(self.delete_upstream_view),
        }
        own = [
            path(
                f"<uuid:key>/{name}/",
                self.admin_site.admin_view(view),
                name=f"conversations_response_{name.replace('-', '_')}",
            )
            for name, view in doors.items()
        ]
        file = path(
            "<uuid:key>/files/<slug:sha256>/",
            self.admin_site.admin_view(require_safe(self.file_view)),
            name="conversations_response_file",
        )
        return [file, *own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        try:
            row = self._row(request, UUID(object_id))
        except ValueError as error:
            raise Http404 from error
        return self._page(request, row)

    def grant_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        row = self._row(request, key)
        try:
            reason = request.POST.get("reason", "")
            grants.grant(rights.person_of(request), row, reason, actor=of_request(request))
        except grants.NoReason:
            return self._page(request, row, problem=_("Say why you need to read this."), status=400)
        return HttpResponseRedirect(page_of(row))

    def retrieve_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        row = self._row(request, key)
        if not row.response_id:
            return self._page(request, row, problem=deleting.obstacle(row), status=409)
        sight = auditing.retrieve(row, actor=of_request(request))
        return self._page(request, row, sight=sight)

    def input_items_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        row = self._row(request, key)
        if not grants.may_read(rights.person_of(request), row):
            problem = _("Say why you need to read this first.")
            return self._page(request, row, problem=problem, status=403)
        if not row.response_id:
            return self._page(request, row, problem=deleting.obstacle(row), status=409)
        newest_first = request.POST.get("order") == "desc"
        inputs = auditing.input_items(row, "desc" if newest_first else "asc", actor=of_request(request))
        return self._page(request, row, inputs=inputs)

    def file_view(self, request: HttpRequest, key: UUID, sha256: str) -> HttpResponseBase:
        """What one of its items names, for as long as one may read it."""
        row = self._row(request, key)
        user = rights.person_of(request)
        found = references.reachable(row).filter(content=sha256).select_related("content").first()
        if found is None or not grants.may_read(user, row):
            raise Http404
        grants.note_reading(user, row, actor=of_request(request))
        return handing_out.original(request, found)

    def delete_upstream_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        user, row = rights.person_of(request), self._row(request, key)
        if not rights.may_delete_upstream(user):
            raise PermissionDenied
        if request.method == "GET":
            return self._confirmation(request, row)
        try:
            reason = request.POST.get("reason", "")
            deletion = deleting.request(row, user=user, actor=of_request(request), reason=reason)
        except CannotDelete as error:
            return self._confirmation(request, row, problem=str(error), status=409)
        deletion = deleting.carry_out(deletion)
        level, words = response_facts.outcome_message(deletion)
        messages.add_message(request, level, words)
        return HttpResponseRedirect(page_of(row))

    def _row(self, request: HttpRequest, key: UUID) -> Response:
        rows = rights.responses_at_desk(rights.person_of(request)).select_related(
            "person",
            "team",
            "conversation",
            "deployment",
            "endpoint",
            "previous",
            "stopped_by",
            "turn",
            "held_copy",
        )
        row = rows.filter(pk=key).first()
        if row is None:
            raise Http404
        return row

    def _page(
        self,
        request: HttpRequest,
        row: Response,
        *,
        sight: Sight | None = None,
        inputs: InputItems | None = None,
        problem: str = "",
        status: int = 200,
    ) -> TemplateResponse:
        user = rights.person_of(request)
        readable = grants.may_read(user, row)
        if readable:
            grants.note_reading(user, row, actor=of_request(request))
        context = {
            **self._context(request, row),
            "facts": response_facts.of(row, user),
            "view": response_views.of(row, sight, inputs) if readable else None,
            "calls": response_calls.of(row, readable=readable),
            "task": response_steps.of(row, readable=readable),
            "upstream_copy": response_views.upstream_copy(row) if readable else None,
            "sight": sight,
            "grant": grants.active(user, row),
            "grant_minutes": settings.READ_GRANT_MINUTES,
            "problem": problem,
        }
        return TemplateResponse(request, f"{FOLDER}/change_form.html", context, status=status)

    def _confirmation(
        self, request: HttpRequest, row: Response, *, problem: str = "", status: int = 200
    ) -> TemplateResponse:
        user = rights.person_of(request)
        context = {
            **self._context(request, row),
            "obstacle": deleting.obstacle(row),
            "told": consequences.of(row, rights.responses_at_desk(user)),
            "problem": problem,
            "reason": request.POST.get("reason", ""),
        }
        return TemplateResponse(request, f"{FOLDER}/delete_upstream.html", context, status=status)

    def _context(self, request: HttpRequest, row: Response) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(row),
            "original": row,
            "row": row,
            "may_delete": rights.may_delete_upstream(rights.person_of(request)),
            "has_view_permission": True,
        }


def page_of(row: Response) -> str:
    return reverse("admin:conversations_response_change", args=[row.pk])

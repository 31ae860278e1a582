"""Who may enter the desk, which is Django's admin."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations.models import User
from conversations.models.audit import Action
from conversations.people import folds
from conversations.people.audit import audited, of_request
from conversations.people.recording import password_changed
from conversations.people.rights import person_of

View = Callable[..., HttpResponseBase]
AnyView = TypeVar("AnyView", bound=View)
PATH_CHARS = 150
# Asks for the fragment that the side sheet shows instead of the whole page.
SHEET_VAR = "_sheet"


class DeskSite(AdminSite):
    """Open to auditors, operators and admins. Whoever is refused a page of it is in the audit trail."""

    site_title = site_header = _("Responses UI")
    index_title = _("Overview")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.at_the_desk

    def admin_view(self, view: AnyView, cacheable: bool = False) -> AnyView:
        inner = super().admin_view(view, cacheable)
        return cast(AnyView, update_wrapper(partial(self._guarded, inner), inner))

    def _guarded(self, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self._refuse_members(request)
            return view(request, *args, **kwargs)
        except PermissionDenied:
            page = ("page", request.path[:PATH_CHARS])
            folds.refused(Action.ACCESS_REFUSED, actor=of_request(request), subject=page)
            raise

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        in_sheet = SHEET_VAR in request.GET
        layout = "admin/sheet.html" if in_sheet else "admin/base.html"
        return super().each_context(request) | {"in_sheet": in_sheet, "layout": layout}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one page to log in, for everybody."""
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        with audited():
            response = super().password_change(request, extra_context)
            if request.method == "POST" and response.status_code == 302:
                password_changed(person_of(request), actor=of_request(request))
            return response

    def _refuse_members(self, request: HttpRequest) -> None:
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied

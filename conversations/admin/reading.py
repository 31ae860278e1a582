"""Admin pages for looking only, and those that admins write on."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from conversations.admin.paging import Pages
from conversations.models import User
from conversations.people import rights
from conversations.people.audit import audited, of_request
from conversations.people.recording import recorded

Words = str | Promise


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Whoever may enter the desk may look; nobody may change anything."""

    show_full_result_count = False
    list_per_page = 50
    empty_value_display = "—"
    # What the button says that adds a row, and how the first row of an empty list comes about.
    add_label: Words = ""
    first_steps: Words = ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Pages

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and request.user.at_the_desk

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfTeams(ReadOnly):
    """Rows that belong to a team: staff who are limited to some teams see those of these."""

    team_path = "team"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return rights.of_their_teams(super().get_queryset(request), rights.person_of(request), self.team_path)


class OfTheirs(admin.RelatedFieldListFilter):
    """A filter by another list's rows that names no others than that list shows this person."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        listed = model_admin.admin_site.get_model_admin(field.remote_field.model)
        seen = {"pk__in": listed.get_queryset(request).order_by().values("pk")}
        ordering = self.field_admin_ordering(field, request, model_admin)
        return list(field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=seen))


class ForAdmins(ReadOnly):
    """Admins add and change, which the audit trail tells; nobody deletes, since the ledger refers to it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_admin(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with writing(request):
            return super().add_view(request, *args, **kwargs)

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with writing(request):
            return super().change_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with recorded(obj, actor=of_request(request)):
            super().save_model(request, obj, form, change)


def writing(request: HttpRequest) -> AbstractContextManager[None]:
    """The transaction of a page that is sent; one that is only looked at needs none."""
    return audited() if request.method == "POST" else nullcontext()


def is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.administers

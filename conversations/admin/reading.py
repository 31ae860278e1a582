"""Admin pages for looking only, and those that admins write on."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from conversations.models import User


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Whoever may enter the desk may look; nobody may change anything."""

    show_full_result_count = False
    list_per_page = 50

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


class ForAdmins(ReadOnly):
    """Admins add and change; nobody deletes, since the ledger refers to it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_admin(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)


def is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.administers

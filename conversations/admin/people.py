"""People and teams: looked at by staff, written by admins."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.admin.reading import ForAdmins, is_admin
from conversations.models import Membership, Team, User

# People have one role instead.
admin.site.unregister(Group)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Team)
class TeamAdmin(ForAdmins):
    list_display = ["name"]
    inlines = [MembershipInline]


@admin.register(User)
class PersonAdmin(ForAdmins, UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["username", "name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "first_name", "last_name"]
    filter_horizontal = ["limited_to"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (_("Rights"), {"fields": ["role", "limited_to", "is_active"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

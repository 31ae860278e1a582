"""People and teams."""

from django.contrib import admin
from django.contrib.auth.models import Group

from conversations.admin.reading import ReadOnly
from conversations.models import Membership, Team, User

admin.site.unregister(Group)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = Membership
    extra = 0


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ["username", "name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "first_name", "last_name"]
    fields = [
        "username",
        "first_name",
        "last_name",
        "email",
        "role",
        "is_active",
        "last_login",
        "date_joined",
    ]


@admin.register(Team)
class TeamAdmin(ReadOnly):
    list_display = ["name"]
    inlines = [MembershipInline]

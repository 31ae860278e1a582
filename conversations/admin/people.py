"""People and teams: looked at by staff, written by admins."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.admin.confirming import Bill, Line, ask, reason_given
from conversations.admin.reading import ForAdmins, is_admin, writing
from conversations.models import Membership, Team, User
from conversations.people import recording, rights
from conversations.people.audit import of_request
from conversations.people.rights import person_of

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
    search_fields = ["name"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return rights.teams_at_desk(person_of(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        told = {
            "added": formset.new_objects,
            "changed": [membership for membership, _fields in formset.changed_objects],
            "removed": formset.deleted_objects,
        }
        for how, memberships in told.items():
            for membership in memberships:
                recording.membership_changed(membership, how, actor=of_request(request))


@admin.register(User)
class PersonAdmin(ForAdmins, UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["username", "name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "first_name", "last_name"]
    filter_horizontal = []
    autocomplete_fields = ["limited_to"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (_("Rights"), {"fields": ["role", "limited_to", "is_active"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    actions = ["deactivate"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return rights.people_at_desk(person_of(request)).order_by(*self.get_ordering(request))

    @admin.action(description=_("Deactivate"), permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        going = list(chosen.filter(is_active=True).exclude(pk=person_of(request).pk).order_by("username"))
        reason = reason_given(request)
        if reason is None or not going:
            again = {"action": ["deactivate"], ACTION_CHECKBOX_NAME: [str(user.pk) for user in chosen]}
            return ask(request, self.admin_site, deactivation(request, chosen, going), again=again)
        for user in going:
            with recording.recorded(user, actor=of_request(request), reason=reason):
                user.is_active = False
                user.save(update_fields=["is_active"])
        self.message_user(request, deactivated(len(going)), messages.SUCCESS)
        return None

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed = {"may_plan": rights.may_plan_deletions(person_of(request))}
        return super().change_view(request, *args, **kwargs | {"extra_context": allowed})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        with recording.limits_recorded(form.instance, actor=of_request(request)):
            super().save_related(request, form, formsets, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        with writing(request):
            response = super().user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == 302:
                recording.password_changed(User.objects.get(pk=id), actor=of_request(request))
            return response


def deactivation(request: HttpRequest, chosen: QuerySet[User], going: list[User]) -> Bill:
    inactive = chosen.filter(is_active=False).count()
    oneself = chosen.filter(pk=person_of(request).pk, is_active=True).count()
    left_out = [
        Line(_("Inactive already"), inactive, _("Nothing would change for them.")),
        Line(_("You"), oneself, _("Nobody shuts themselves out.")),
    ]
    title = ngettext("Deactivate %d person", "Deactivate %d people", len(going)) % len(going)
    return Bill(
        title=title,
        lead=_("They are logged out at once and can't log in again. What they wrote stays."),
        lines=[Line(user.name, user.get_role_display(), user.username) for user in going],
        left_out=[line for line in left_out if line.amount],
        act=title,
        back=reverse("admin:conversations_user_changelist"),
        total=len(going),
        is_possible=bool(going),
    )


def deactivated(count: int) -> str:
    return ngettext("%d person is deactivated.", "%d people are deactivated.", count) % count

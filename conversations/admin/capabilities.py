"""What is known of models, API versions, regions and limits: everyone at the desk looks, admins correct it.

A row that an admin has changed stays as it is; the others follow each new version of the product.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations import clock
from conversations.admin import cells
from conversations.admin.cells import column
from conversations.admin.reading import ForAdmins, is_admin
from conversations.models import ApiVersion, Inability, KnownModel, Limit, Region
from conversations.people.audit import of_request
from conversations.people.recording import inabilities_recorded
from conversations.stored.capabilities import FEATURES, SOON

ABOUT = ["source", "checked_on", "note"]


class InabilityForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    feature = forms.ChoiceField(
        choices=[(name, f"{label} ({name})") for name, label in FEATURES.items()],
        widget=forms.Select(attrs={"aria-label": gettext_lazy("Feature")}),
    )

    class Meta:
        model = Inability
        fields = ["feature", "reason"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 2, "aria-label": gettext_lazy("Reason")})}


class Inabilities(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = Inability
    form = InabilityForm
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)

    has_change_permission = has_delete_permission = has_add_permission


class SourcedAdmin(ForAdmins):
    formfield_overrides = {
        models.JSONField: {"widget": forms.Textarea(attrs={"rows": 2})},
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 3})},
    }
    inlines = [Inabilities]
    search_fields = ["name"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.edited = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        with inabilities_recorded(form.instance, actor=of_request(request)):
            super().save_related(request, form, formsets, change)

    @column(gettext_lazy("Can't do"), figure=True)
    def cannot(self, row: Any) -> SafeString:
        return cells.figure(row.inabilities.count())

    @column(gettext_lazy("From"))
    def whose(self, row: Any) -> SafeString:
        if row.edited:
            return cells.pill(_("Changed here"), icon_name="pencil")
        return cells.pill(_("Came with the product"), icon_name="archive")


@admin.register(KnownModel)
class KnownModelAdmin(SourcedAdmin):
    list_display = ["name", "retirement", "context_window", "max_output_tokens", "cannot", "whose"]
    fields = ["name", "versions", "context_window", "max_output_tokens", "retires_on", "efforts", *ABOUT]

    @column(gettext_lazy("Retires"), order="retires_on")
    def retirement(self, row: KnownModel) -> SafeString:
        if row.retires_on is None:
            return cells.NOTHING
        today = clock.now().date()
        day = f"{row.retires_on:%-d %b %Y}"
        if row.retires_on <= today:
            return cells.pill(day, meaning="failed", icon_name="octagon-alert")
        soon = row.retires_on <= today + SOON
        return cells.pill(day, meaning="expiring" if soon else "", icon_name="calendar-clock")


@admin.register(ApiVersion)
class ApiVersionAdmin(SourcedAdmin):
    list_display = ["name", "cannot", "checked_on", "whose"]
    fields = ["name", *ABOUT]


@admin.register(Region)
class RegionAdmin(SourcedAdmin):
    list_display = ["name", "cannot", "checked_on", "whose"]
    fields = ["name", *ABOUT]


@admin.register(Limit)
class LimitAdmin(SourcedAdmin):
    inlines = []
    list_display = ["name", "value", "unit", "checked_on", "whose"]
    fields = ["name", "value", "unit", *ABOUT]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on it."""

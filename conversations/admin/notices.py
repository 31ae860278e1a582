"""Where notices go besides the inbox, and what became of each; for admins."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from conversations import clock
from conversations.admin import cells
from conversations.admin.cells import column
from conversations.admin.reading import ForAdmins, ReadOnly, is_admin
from conversations.models import Delivery, NoticeChannel
from conversations.models.audit import Action
from conversations.models.endpoints import Auth
from conversations.models.notices import ChannelKind, DeliveryState, NoticeKind
from conversations.people.audit import of_request, record
from conversations.people.notices import sending, webhooks
from conversations.responses_api import Auth as KeyAuth
from conversations.responses_api import BadConfiguration

SHOWN = 10
STATES = {
    DeliveryState.WAITING: ("expiring", "hourglass"),
    DeliveryState.SENT: ("stored", "check"),
    DeliveryState.FAILED: ("failed", "octagon-alert"),
    DeliveryState.DROPPED: ("", "square"),
}


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Notices"),
        choices=NoticeKind.choices,
        initial=NoticeKind.values,
        widget=forms.CheckboxSelectMultiple,
    )

    vault_url = forms.URLField(
        label=gettext_lazy("The vault's URL"), required=False, max_length=300, assume_scheme="https"
    )

    class Meta:
        model = NoticeChannel
        fields = [
            *("name", "kind", "address", "auth", "key_name", "signing_name", "vault_url"),
            *("kinds", "team", "enabled"),
        ]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") == ChannelKind.EMAIL:
            given |= {"auth": "", "key_name": "", "signing_name": "", "vault_url": ""}
            if not given.get("address") and "address" not in self.errors:
                self.add_error("address", _("Say where the mails shall go."))
        elif given.get("kind"):
            given["address"] = ""
            self._clean_webhook(given)
        return given

    def _clean_webhook(self, given: dict[str, Any]) -> None:
        if given.get("kind") != ChannelKind.JSON:
            given["signing_name"] = ""
        if not given.get("auth"):
            self.add_error("auth", _("Say where its URL is kept."))
            return
        if given["auth"] == Auth.ENV:
            given["vault_url"] = ""
        self._check_name(given, "key_name")
        if given["kind"] == ChannelKind.JSON:
            self._check_name(given, "signing_name")

    def _check_name(self, given: dict[str, Any], field: str) -> None:
        if field in self.errors:
            return
        try:
            webhooks.check_name(KeyAuth(given["auth"]), given.get(field, ""), given.get("vault_url", ""))
        except BadConfiguration as bad:
            self.add_error(field, str(bad))


@admin.register(NoticeChannel)
class ChannelAdmin(ForAdmins):
    change_form_template = "admin/channel.html"
    form = ChannelForm
    list_display = ["name", "kind", "target", "team", "last", "enabled"]
    list_select_related = ["team"]
    first_steps = gettext_lazy(
        "A channel tells a team's chat, a program or a mailbox what waits and what went wrong."
    )
    fieldsets = [
        (None, {"fields": ["name", "kind", "enabled"]}),
        (
            gettext_lazy("For a webhook"),
            {
                "fields": ["auth", "key_name", "vault_url", "signing_name"],
                "description": gettext_lazy(
                    "The URL of a webhook is a secret. Put it into a variable whose name begins with "
                    "WEBHOOK_, or into a vault, and name that here."
                ),
            },
        ),
        (gettext_lazy("For e-mail"), {"fields": ["address"]}),
        (gettext_lazy("What goes there"), {"fields": ["kinds", "team"]}),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)

    @column(gettext_lazy("Where to"))
    def target(self, channel: NoticeChannel) -> str:
        return channel.address or channel.key_name

    @column(gettext_lazy("Last delivery"))
    def last(self, channel: NoticeChannel) -> SafeString:
        row = channel.deliveries.order_by("-created_at", "-pk").first()
        return state_pill(row) if row else cells.NOTHING

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.test_view))
        return [path("<int:key>/test/", view, name="channel-test"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        channel = self.get_object(request, object_id)
        rows = channel.deliveries.select_related("notice")[:SHOWN] if channel else ()
        told = {"deliveries": [shown(row) for row in rows]}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | told)

    def test_view(self, request: HttpRequest, key: int) -> HttpResponseBase:
        """Sent while the admin waits, and tried once."""
        if not is_admin(request):
            raise PermissionDenied
        channel = get_object_or_404(NoticeChannel, pk=key)
        record(Action.CHANNEL_TESTED, actor=of_request(request), subject=channel)
        now = clock.now()
        row = sending.send_now(Delivery.objects.create(channel=channel, created_at=now, due_at=now))
        if row.state == DeliveryState.SENT:
            messages.success(request, _("It arrived: “%s” took the test.") % channel.name)
        else:
            messages.error(request, _("It didn't arrive. %s") % row.trouble)
        return redirect("admin:conversations_noticechannel_change", key)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["what", "to", "state_shown", "attempts", "trouble", "told", "next_try", "ended"]
    list_filter = ["state", "channel"]
    list_select_related = ["notice", "channel", "person"]
    fields = ["what", "to", "state_shown", "attempts", "trouble", "told", "next_try", "ended"]
    ordering = ["-created_at", "-id"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).select_related("notice", "channel", "person")

    @column(gettext_lazy("Notice"))
    def what(self, row: Delivery) -> str:
        return kind_of(row)

    @column(gettext_lazy("To"))
    def to(self, row: Delivery) -> SafeString | str:
        return row.channel.name if row.channel else cells.person(row.person)

    @column(gettext_lazy("State"), order="state")
    def state_shown(self, row: Delivery) -> SafeString:
        return state_pill(row)

    @column(gettext_lazy("Told"), order="created_at")
    def told(self, row: Delivery) -> SafeString:
        return cells.moment(row.created_at)

    @column(gettext_lazy("Next try"), order="due_at")
    def next_try(self, row: Delivery) -> SafeString:
        return cells.moment(row.due_at)

    @column(gettext_lazy("Ended"), order="ended_at")
    def ended(self, row: Delivery) -> SafeString:
        return cells.moment(row.ended_at)


def shown(row: Delivery) -> dict[str, Any]:
    return {"row": row, "kind": kind_of(row), "pill": state_pill(row)}


def kind_of(row: Delivery) -> str:
    return row.notice.get_kind_display() if row.notice else _("Test")


def state_pill(row: Delivery) -> SafeString:
    meaning, icon = STATES[DeliveryState(row.state)]
    return cells.pill(row.get_state_display(), meaning=meaning, icon_name=icon)

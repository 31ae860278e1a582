"""MCP servers at the desk: admins say where they are, who may use them, and what their secrets are called."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.cells import column
from conversations.admin.reading import ForAdmins, is_admin
from conversations.models import McpServer
from conversations.models.endpoints import Auth
from conversations.people.audit import of_request
from conversations.people.recording import teams_recorded
from conversations.responses_api import BadConfiguration, check_reference

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
MOST_HEADERS = 10


class Lines(forms.CharField):
    """A list of names, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in str(value or "").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))


class Headers(forms.CharField):
    """Each header with the name of its secret, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{header}: {name}" for header, name in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        lines = [line.partition(":") for line in str(value or "").splitlines() if line.strip()]
        headers = {header.strip(): name.strip() for header, _colon, name in lines}
        if len(headers) > MOST_HEADERS or not all(map(HEADER.fullmatch, headers)):
            told = {"most": MOST_HEADERS}
            raise forms.ValidationError(
                _("Lines of Header: NAME_OF_ITS_SECRET, each header once, at most %(most)d.") % told
            )
        return headers


class McpServerForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    url = forms.URLField(label=gettext_lazy("URL"), max_length=300, assume_scheme="https")
    vault_url = forms.URLField(
        label=gettext_lazy("The vault's URL"), required=False, max_length=300, assume_scheme="https"
    )
    allowed_tools = Lines(
        label=gettext_lazy("Tools"), required=False, help_text=gettext_lazy("One a line; none: all of them.")
    )
    trusted_tools = Lines(
        label=gettext_lazy("Tools that needn't ask"),
        required=False,
        help_text=gettext_lazy("One a line: called without asking although all others ask."),
    )
    headers = Headers(
        label=gettext_lazy("Further headers"),
        required=False,
        help_text=gettext_lazy("One a line: X-Api-Key: MCP_DOCS_KEY. The name of a secret, never a value."),
    )

    class Meta:
        model = McpServer
        fields = [
            *("label", "url", "description", "enabled", "teams", "allowed_tools", "require_approval"),
            *("trusted_tools", "auth", "vault_url", "authorization_name", "headers"),
        ]

    def clean_url(self) -> str:
        """What stands behind a ? is mostly a secret."""
        url = str(self.cleaned_data["url"])
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise forms.ValidationError(_("It must begin with https://."))
        if parts.username is not None or parts.query or parts.fragment:
            raise forms.ValidationError(
                _("No user name, and nothing from a ? on: secrets belong into headers.")
            )
        return url

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("auth") == Auth.NONE:
            given |= {"vault_url": "", "authorization_name": "", "headers": {}}
        if given.get("auth") == Auth.ENV:
            given["vault_url"] = ""
        if given.get("auth") == Auth.KEY_VAULT and not given.get("vault_url"):
            self.add_error("vault_url", _("Say which vault."))
            return given
        named = given.get("authorization_name")
        self._check_names("authorization_name", [named] if named else [], given)
        self._check_names("headers", (given.get("headers") or {}).values(), given)
        return given

    def _check_names(self, field: str, names: Any, given: dict[str, Any]) -> None:
        for name in names:
            try:
                check_reference(name, given.get("vault_url", ""))
            except BadConfiguration as bad:
                self.add_error(field, str(bad))
                return


@admin.register(McpServer)
class McpServerAdmin(ForAdmins):
    form = McpServerForm
    list_display = ["label", "url", "who", "require_approval", "auth", "enabled"]
    first_steps = gettext_lazy("An MCP server gives models tools that upstream calls for them.")
    fieldsets = [
        (None, {"fields": ["label", "url", "description", "enabled"]}),
        (
            gettext_lazy("What it may do, and for whom"),
            {"fields": ["teams", "allowed_tools", "require_approval", "trusted_tools"]},
        ),
        (
            gettext_lazy("Its secrets"),
            {
                "fields": ["auth", "vault_url", "authorization_name", "headers"],
                "description": gettext_lazy(
                    "They are named here and fetched when a request leaves: variables whose names begin with "
                    "MCP_, or secrets of a vault whose names begin with mcp-."
                ),
            },
        ),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)

    @column(gettext_lazy("Teams"))
    def who(self, server: McpServer) -> str:
        return ", ".join(team.name for team in server.teams.all()) or _("Every team")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("teams")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        with teams_recorded(form.instance, actor=of_request(request)):
            super().save_related(request, form, formsets, change)

"""The ledger's lists. They show what is stored and how it went, never what was said."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.admin import cells, values
from conversations.admin.cells import column
from conversations.admin.reading import OfTeams, OfTheirs, ReadOnly
from conversations.admin.response_list import ResponseList
from conversations.admin.response_page import ResponsePage
from conversations.models import Conversation, Endpoint, Item, Response, Turn, Worker
from conversations.people import rights


@admin.register(Endpoint)
class EndpointAdmin(ReadOnly):
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_display = ["name", "kind", "base_url", "api_version", "auth", "retention_days", "can_list"]
    fields = [
        *("name", "kind", "base_url", "api_version", "auth", "key_name", "vault_url", "token_scope"),
        *("retention_days", "settle_seconds", "requests_per_minute", "chat_reserve", "can_list"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return rights.endpoints_at_desk(rights.person_of(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        allowed = {"may_reconcile": rights.may_reconcile(rights.person_of(request))}
        return super().change_view(request, object_id, form_url, allowed | (extra_context or {}))


@admin.register(Conversation)
class ConversationAdmin(OfTeams):
    ordering = ["-created_at", "id"]
    # Without the title, which repeats the first words of the first message, and without the instructions.
    list_display = [
        "id",
        "owner",
        "team",
        "visibility",
        "deployment",
        "created_at",
        "updated_at",
        "archived_at",
    ]
    list_filter = ["visibility", ("team", OfTheirs), ("deployment", OfTheirs)]
    list_select_related = ["owner", "team", "deployment__endpoint"]
    fields = [
        *("id", "owner", "team", "visibility", "deployment"),
        *("created_at", "updated_at", "archived_at", "deleted_at"),
    ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        allowed = {"may_plan": rights.may_plan_deletions(rights.person_of(request))}
        return super().change_view(request, object_id, form_url, allowed | (extra_context or {}))


@admin.register(Turn)
class TurnAdmin(OfTeams):
    team_path = "conversation__team"
    ordering = ["conversation_id", "number"]
    list_display = ["id", "conversation_id", "number", "author", "created_at"]
    list_select_related = ["author"]
    fields = ["id", "conversation_id", "parent_id", "number", "author", "client_key", "created_at"]


@admin.register(Response)
class ResponseAdmin(ResponseList, ResponsePage, OfTeams):
    list_display = [
        *("name", "asked", "person", "team", "deployment", "status", "upstream", "tokens", "price"),
        "time_left",
    ]
    # The selection says which come first; another order would walk over every row.
    sortable_by = ()

    @column(_("Response id"), order="response_id")
    def name(self, row: Response) -> SafeString:
        return cells.identifier(row)

    @column(_("Asked"), order="queued_at")
    def asked(self, row: Response) -> SafeString:
        return cells.moment(row.queued_at)

    @column(_("Upstream"), order="upstream_state")
    def upstream(self, row: Response) -> SafeString:
        held = cells.mark(_("Held"), meaning="held", icon_name="lock") if row.held else ""  # type: ignore[attr-defined]  # of the list
        return format_html("{}{}", values.upstream_pill(row), held)

    @column(_("Time left"), order="expires_at")
    def time_left(self, row: Response) -> SafeString:
        return cells.days_left(row.expires_at, of=row.endpoint.retention_days)

    @column(_("Tokens"), figure=True)
    def tokens(self, row: Response) -> SafeString:
        known = row.input_tokens is not None and row.output_tokens is not None
        return cells.figure((row.input_tokens or 0) + (row.output_tokens or 0) if known else None)

    @column(_("Cost"), order="cost", figure=True)
    def price(self, row: Response) -> SafeString:
        return cells.money(row.cost, row.deployment.currency)


@admin.register(Item)
class ItemAdmin(OfTeams):
    team_path = "response__team"
    list_display = ["id", "response_id", "direction", "position", "type", "role", "item_id"]
    list_filter = ["direction", "type"]
    ordering = ["-id"]
    fields = ["response", "direction", "position", "type", "role", "item_id"]


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = ["id", "host", "pid", "started_at", "beat_at"]

"""The ledger's lists. They show what is stored and how it went, never what was said."""

from django.contrib import admin

from conversations.admin.reading import ForAdmins, ReadOnly
from conversations.models import Conversation, Deployment, Endpoint, Item, Response, Turn, Worker


@admin.register(Endpoint)
class EndpointAdmin(ReadOnly):
    list_display = ["name", "kind", "base_url", "api_version", "auth", "retention_days"]


@admin.register(Deployment)
class DeploymentAdmin(ForAdmins):
    list_display = ["title", "name", "endpoint", "model", "enabled", "background"]
    list_select_related = ["endpoint"]


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
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
    list_filter = ["visibility", "team", "deployment"]
    list_select_related = ["owner", "team", "deployment__endpoint"]
    fields = ["id", "owner", "team", "visibility", "deployment", "created_at", "updated_at", "archived_at"]


@admin.register(Turn)
class TurnAdmin(ReadOnly):
    list_display = ["id", "conversation_id", "number", "author", "created_at"]
    list_select_related = ["author"]
    fields = ["id", "conversation_id", "parent_id", "number", "author", "client_key", "created_at"]


@admin.register(Response)
class ResponseAdmin(ReadOnly):
    list_display = [
        "__str__",
        "status",
        "upstream_state",
        "person",
        "deployment",
        "input_tokens",
        "output_tokens",
        "queued_at",
        "expires_at",
    ]
    list_filter = ["status", "upstream_state", "history", "deployment"]
    list_select_related = ["person", "deployment"]
    search_fields = ["response_id__startswith"]
    date_hierarchy = "queued_at"
    exclude = ["instructions", "tools", "checkpoint"]


@admin.register(Item)
class ItemAdmin(ReadOnly):
    list_display = ["id", "response_id", "direction", "position", "type", "role", "item_id"]
    list_filter = ["direction", "type"]
    fields = ["response", "direction", "position", "type", "role", "item_id"]


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = ["id", "host", "pid", "started_at", "beat_at"]

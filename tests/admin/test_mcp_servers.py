"""Admins set up MCP servers; the names of secrets are kept, and nothing that looks like one is taken."""

from typing import Any

import pytest
from django.test import Client

from conversations.models import AuditEntry, McpServer, Team, User
from conversations.models.audit import Action
from conversations.models.people import Role

# Entries of the audit trail are the last step of a transaction of their own.
pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/mcpserver/"


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(User.objects.create_user("ada", role=Role.ADMIN))
    return client


def write(client: Client, **fields: Any) -> str:
    usual = {
        "label": "docs",
        "url": "https://mcp.example.com/sse",
        "description": "Our handbook",
        "enabled": "on",
        "allowed_tools": "search_docs\nread_page\n\nsearch_docs",
        "require_approval": "always",
        "trusted_tools": "search_docs",
        "auth": "env",
        "vault_url": "",
        "authorization_name": "MCP_DOCS_TOKEN",
        "headers": "X-Api-Key: MCP_DOCS_KEY",
    }
    return client.post(f"{LIST}add/", usual | fields, follow=True).content.decode()


def test_a_server_is_set_up_and_the_trail_says_what_changed(client: Client) -> None:
    team = Team.objects.create(name="Research")
    write(client, teams=[team.pk])
    row = McpServer.objects.get()
    assert row.allowed_tools == ["search_docs", "read_page"]
    assert row.headers == {"X-Api-Key": "MCP_DOCS_KEY"}
    added, teams = AuditEntry.objects.filter(action=Action.MCP_SERVER_CHANGED).order_by("number")
    assert added.details["added"]["authorization_name"] == [None, "MCP_DOCS_TOKEN"]
    assert teams.details == {"changed": {"teams": [[], [team.pk]]}}
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "X-Api-Key: MCP_DOCS_KEY</textarea>" in page
    assert "Research" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": "our docs"}, "Letters, digits, - and _, a letter first."),
        ({"url": "http://mcp.example.com/"}, "It must begin with https://."),
        ({"url": "https://mcp.example.com/?key=1"}, "secrets belong into headers"),
        ({"url": "https://me:pass@mcp.example.com/"}, "secrets belong into headers"),
        ({"authorization_name": "AZURE_OPENAI_API_KEY"}, "must begin with MCP_."),
        ({"authorization_name": "MCP_sk-12345"}, "never the key itself"),
        ({"headers": "X-Api-Key: SECRET_KEY"}, "must begin with MCP_."),
        ({"headers": "X Api Key: MCP_KEY"}, "Lines of Header: NAME_OF_ITS_SECRET"),
        ({"auth": "key_vault"}, "Say which vault."),
        (
            {"auth": "key_vault", "vault_url": "https://team.vault.azure.net/"},
            "must begin with mcp-.",
        ),
    ],
)
def test_what_cant_be_right_is_said_at_its_field(client: Client, fields: dict[str, str], said: str) -> None:
    assert said in write(client, **fields)
    assert not McpServer.objects.exists()


def test_one_that_needs_no_secret_keeps_no_names(client: Client) -> None:
    write(client, auth="none")
    row = McpServer.objects.get()
    assert (row.authorization_name, row.headers) == ("", {})

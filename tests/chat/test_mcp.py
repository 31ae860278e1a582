"""MCP servers in a conversation: who may use which, and what the ledger and a request have of them."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from conversations.chat import changes, turns
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, McpServer, Response, Team, User

pytestmark = pytest.mark.django_db


def server(label: str = "docs", **fields: Any) -> McpServer:
    return McpServer.objects.create(label=label, url=f"https://{label}.example.com/sse", **fields)


def frozen(user: User, talk: Conversation, *labels: str) -> Response:
    turn = turns.send_message(
        user, talk.pk, client_key=uuid4(), text="Hi", tip=None, asked={"mcp": list(labels)}
    )
    return turn.responses.get()


def test_the_ledger_has_the_tool_with_the_names_of_its_secrets(
    alice: User, conversation: Conversation
) -> None:
    server(
        description="Our handbook",
        allowed_tools=["search_docs"],
        auth="env",
        authorization_name="MCP_DOCS_TOKEN",
        headers={"X-Api-Key": "MCP_DOCS_KEY"},
    )
    assert frozen(alice, conversation, "docs").tools == [
        {
            "type": "mcp",
            "server_label": "docs",
            "server_url": "https://docs.example.com/sse",
            "server_description": "Our handbook",
            "allowed_tools": ["search_docs"],
            "authorization": "secret:env:MCP_DOCS_TOKEN",
            "headers": {"X-Api-Key": "secret:env:MCP_DOCS_KEY"},
            "require_approval": "always",
        }
    ]


@pytest.mark.parametrize(
    ("fields", "approval"),
    [
        ({}, "always"),
        ({"require_approval": "never"}, "never"),
        ({"trusted_tools": ["read_page"]}, {"never": {"tool_names": ["read_page"]}}),
        ({"require_approval": "never", "trusted_tools": ["read_page"]}, "never"),
    ],
)
def test_who_is_asked_before_a_call_is_the_servers_matter(
    alice: User, conversation: Conversation, fields: dict[str, Any], approval: Any
) -> None:
    server(**fields)
    (tool,) = frozen(alice, conversation, "docs").tools
    assert tool == {
        "type": "mcp",
        "server_label": "docs",
        "server_url": "https://docs.example.com/sse",
        "require_approval": approval,
    }


def test_a_vaults_secret_is_named_with_its_vault(alice: User, conversation: Conversation) -> None:
    server(auth="key_vault", vault_url="https://team.vault.azure.net/", authorization_name="mcp-docs")
    (tool,) = frozen(alice, conversation, "docs").tools
    assert tool["authorization"] == "secret:vault:https://team.vault.azure.net/:mcp-docs"


def test_a_team_uses_its_own_and_those_of_everybody(alice: User, conversation: Conversation) -> None:
    server("everybodys")
    server("ours").teams.add(conversation.team)
    server("theirs").teams.add(Team.objects.create(name="Others"))
    server("off", enabled=False)
    assert [tool["server_label"] for tool in frozen(alice, conversation, "ours", "everybodys").tools] == [
        "ours",
        "everybodys",
    ]
    for label in ("theirs", "off", "nobodys"):
        for attempt in (
            lambda label=label: frozen(alice, conversation, label),
            lambda label=label: changes.change_conversation(
                alice, conversation, {"choices": {"mcp": [label]}}
            ),
            lambda label=label: turns.start_conversation(alice, client_key=uuid4(), asked={"mcp": [label]}),
        ):
            with (
                pytest.raises(Refusal, match=f"no MCP server named {label}") as refusal,
                transaction.atomic(),
            ):
                attempt()
            assert (refusal.value.code, refusal.value.choice) == ("cannot", "mcp")

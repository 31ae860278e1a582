"""A key is used in many places and written down in none."""

import json
from collections.abc import Iterator

import httpx2
import pytest
import redis

from tests.stack import KEY, MCP_TOKEN, PASSWORD, Stack
from tests.talk import Answer, Tab, chatting, fault

pytestmark = pytest.mark.processes


def kept_in_redis(stack: Stack) -> Iterator[bytes]:
    client = redis.Redis.from_url(stack.redis_url)
    try:
        for key in client.scan_iter(count=1000):
            yield key
            yield client.dump(key) or b""
    finally:
        client.close()


async def with_mcp(stack: Stack, tab: Tab) -> Answer:
    """Asks through an MCP server that upstream calls with a secret of ours."""
    stack.change(
        "INSERT INTO conversations_mcpserver (label, url, description, allowed_tools, require_approval, "
        "trusted_tools, auth, vault_url, authorization_name, headers, enabled) VALUES ('docs', "
        "'https://docs.example.com/', '', '[]', 'never', '[]', 'env', '', 'MCP_DOCS_TOKEN', %s, true)",
        json.dumps({"X-Api-Key": "MCP_DOCS_TOKEN"}),
    )
    answer = await tab.ask("Ask docs about deleting", choices={"mcp": ["docs"]})
    sent = httpx2.get(f"{stack.emulator_url}/_emulator/requests?operation=create").json()["requests"][-1]
    (tool,) = sent["json"]["tools"]
    assert (tool["authorization"], tool["headers"]) == (MCP_TOKEN, {"X-Api-Key": MCP_TOKEN})
    stack.change("DELETE FROM conversations_mcpserver")
    return answer


async def test_no_secret_is_in_a_row_a_log_or_redis(stack: Stack) -> None:
    async with chatting(stack) as tab:
        for trouble in ("", "401", "403", "500", "cut"):
            if trouble:
                await fault(stack, trouble)
            await tab.ask("Hello")
        assert "knows one page" in (await with_mcp(stack, tab)).text
    redis_password = stack.redis_url.split("@")[0].rsplit(":", 1)[-1]
    rows = stack.manage("dumpdata", "--all")
    logs = "\n".join(text for _name, text in stack.logs())
    everything = [rows.encode(), logs.encode(), *kept_in_redis(stack)]
    assert len(rows) > 1000
    for secret in (KEY, PASSWORD, MCP_TOKEN, redis_password, stack.env["SECRET_KEY"], stack.env["AUDIT_KEY"]):
        assert not any(secret.encode() in text for text in everything)

"""Tools through every real part: the model calls, people decide, workers run, and the answer goes on."""

import asyncio
from typing import Any

import pytest

from tests.conftest import MakeStack
from tests.stack import Stack
from tests.talk import Answer, Tab, chatting, control, signed_in

pytestmark = pytest.mark.processes

QUESTION = "Calculate 6 * 7, and what is the weather in Paris?"
SWITCH_ON = (
    "INSERT INTO conversations_toolpolicy (team_id, tool, use, needs_approval, approvers)"
    " SELECT team_id, %s, 'on', %s, 'team' FROM conversations_membership m"
    " JOIN conversations_user u ON u.id = m.user_id WHERE u.username = 'alice'"
)


def rounds_of(tab: Tab, turn: str) -> list[Answer]:
    found = [answer for answer in tab.answers.values() if answer.row["turn"] == turn]
    return sorted(found, key=lambda answer: int(answer.row["round"]))


def states(tab: Tab, turn: str) -> list[str]:
    return [call["state"] for answer in rounds_of(tab, turn) for call in answer.calls]


def restart(stack: Stack) -> None:
    running = [stack.worker, stack.web, stack.emulator, stack.redis]
    for program in running:
        program.stop()
    for program in reversed(running):
        program.start()


async def test_two_tools_at_once_and_an_approval_after_a_restart_of_every_process(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(beat=False)
    stack.change(SWITCH_ON, "calculate", True)
    stack.change(SWITCH_ON, "get_weather", False)
    async with signed_in(stack, "alice") as alice:
        conversation = await alice.start()
        async with alice.tab(conversation) as tab:
            turn = await tab.send(QUESTION)
            await tab.until(lambda: states(tab, turn) == ["asks_approval", "done"])
            first, second = rounds_of(tab, turn)
            assert (first.row["status"], second.row["status"]) == ("completed", "waiting")
    await asyncio.to_thread(restart, stack)
    async with signed_in(stack, "bob") as bob, bob.tab(conversation) as tab:
        await tab.until(lambda: states(tab, turn) == ["asks_approval", "done"])
        asked = rounds_of(tab, turn)[0].calls[0]
        await tab.say({"type": "call.approve", "call": asked["id"]})
        await tab.until(lambda: rounds_of(tab, turn)[-1].whole)
        answer = rounds_of(tab, turn)[-1]
        assert states(tab, turn) == ["done", "done"]
        assert "`calculate` says: 42" in answer.text
        assert "`get_weather` says: location Paris" in answer.text
        assert answer.row["history"]["how"] == "chained"
    sent = await last_input(stack)
    assert [item["type"] for item in sent] == ["function_call_output"] * 2


async def last_input(stack: Stack) -> list[dict[str, Any]]:
    found = await control(stack, "GET", "requests?operation=create")
    return list(found["requests"][-1]["json"]["input"])


async def test_an_mcp_server_is_called_once_somebody_allows_it(stack: Stack) -> None:
    stack.change(
        "INSERT INTO conversations_mcpserver (label, url, description, allowed_tools, require_approval, "
        "trusted_tools, auth, vault_url, authorization_name, headers, enabled) VALUES ('library', "
        "'https://library.example.com/', '', '[]', 'always', '[]', 'env', '', '', '{}', true)"
    )
    async with chatting(stack) as tab:
        turn = await tab.send("Ask library about deleting", choices={"mcp": ["library"]})
        await tab.until(lambda: states(tab, turn) == ["asks_approval"])
        (call,) = rounds_of(tab, turn)[0].calls
        assert (call["kind"], call["server"]) == ("mcp", "library")
        await tab.say({"type": "call.approve", "call": call["id"]})
        await tab.until(lambda: rounds_of(tab, turn)[-1].whole)
        assert "library knows one page" in rounds_of(tab, turn)[-1].text
    stack.change("DELETE FROM conversations_mcpserver WHERE label = 'library'")
    (told,) = await last_input(stack)
    assert (told["type"], told["approve"]) == ("mcp_approval_response", True)

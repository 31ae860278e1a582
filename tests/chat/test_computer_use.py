"""Computer use with all its parts: the emulated model walks the emulator's shop in a real Chromium."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import running
from tests.stack import Image, Options, Stack
from tests.talk import Tab, chatting

pytestmark = [pytest.mark.processes]

Json = dict[str, Any]
POLICY = (
    "INSERT INTO conversations_computerpolicy"
    " (team_id, enabled, sites, start_url, most_steps, most_seconds, confirm_all)"
    " SELECT id, %s, %s, %s, 20, 600, %s FROM conversations_team"
)
SECONDS = 90


@pytest.fixture(scope="module")
def shop(image: Image) -> Iterator[Stack]:
    for stack in running(image.stack("computer", Options(beat=False))):
        site = stack.emulator_url.removeprefix("http://")
        stack.change(POLICY, True, site, f"{stack.emulator_url}/shop/", False)
        stack.change("UPDATE conversations_deployment SET name = 'gpt-5.4'")
        yield stack


async def run_when(tab: Tab, true: Callable[[Json], bool]) -> Json:
    """The newest run, once that holds for it."""
    async with asyncio.timeout(SECONDS):
        while True:
            found = await tab.person.get(f"/api/conversations/{tab.conversation}/computer/")
            if found["runs"] and true(found["runs"][-1]):
                return dict(found["runs"][-1])
            await asyncio.sleep(0.2)


async def give(tab: Tab, text: str) -> None:
    await tab.say(
        {
            "type": "message.create",
            "client_key": "7d3d1f0e-0000-4000-8000-" + f"{len(tab.turns):012d}",
            "text": text,
            "tip": tab.turns[-1] if tab.turns else None,
            "choices": {"computer": True},
        }
    )


async def test_a_task_goes_from_its_prompt_to_its_end_with_one_check_approved(shop: Stack) -> None:
    async with chatting(shop) as tab:
        await give(tab, "Please buy me a lamp")
        waiting = await run_when(tab, lambda run: run["state"] in ("waits_for_person", "ended"))
        assert waiting["state"] == "waits_for_person", waiting
        (check,) = waiting["steps"][-1]["checks"]
        assert check["code"] == "sensitive_domain"
        await tab.say({"type": "computer.proceed", "step": waiting["steps"][-1]["id"]})
        ended = await run_when(tab, lambda run: run["state"] == "ended")
        assert ended["reason"] == "done", ended
        assert all(step["screenshot"] for step in ended["steps"])
        assert "/shop/checkout" in ended["steps"][-1]["url"]
        await tab.until(lambda: tab.answer(tab.turns[-1]).ended)

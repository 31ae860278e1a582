"""Computer use with all its parts: the emulated model walks the emulator's shop in a real Chromium."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import running
from tests.offspring import LISTED, children, ended
from tests.stack import Image, Options, Stack
from tests.talk import Tab, chatting

pytestmark = [pytest.mark.processes]

Json = dict[str, Any]
POLICY = (
    "INSERT INTO conversations_computerpolicy"
    " (team_id, enabled, sites, start_url, most_steps, most_seconds, confirm_all)"
    " SELECT id, %s, %s, %s, 20, 600, %s FROM conversations_team"
)
RULES = "UPDATE conversations_computerpolicy SET start_url = %s, most_steps = %s"
SETTINGS = {"HEARTBEAT_SECONDS": "1", "LEASE_SECONDS": "9", "COMPUTER_KEPT_SECONDS": "30"}
CONFIRM = "UPDATE conversations_computerpolicy SET confirm_all = %s"
SECONDS = 200
# Bytes a run, after the first two.
MOST_GROWN = 3_000_000
# One call, which takes longer than anybody here waits.
LONG = 'Actions: [[{"type": "wait", "ms": 30000}]]'


@pytest.fixture(scope="module")
def shop(image: Image) -> Iterator[Stack]:
    for stack in running(image.stack("computer", Options(SETTINGS, beat=False))):
        site = stack.emulator_url.removeprefix("http://")
        stack.change(POLICY, True, site, f"{stack.emulator_url}/shop/", False)
        stack.change("UPDATE conversations_deployment SET name = 'gpt-5.4'")
        yield stack


def rule(shop: Stack, path: str = "/shop/", steps: int = 20) -> None:
    """Where a new browser begins, and how many steps a task has."""
    shop.change(RULES, f"{shop.emulator_url}{path}", steps)


async def run_when(tab: Tab, true: Callable[[Json], bool]) -> Json:
    """The newest run, once that holds for it."""
    async with asyncio.timeout(SECONDS):
        while True:
            found = await tab.person.get(f"/api/conversations/{tab.conversation}/computer/")
            if found["runs"] and true(found["runs"][-1]):
                return dict(found["runs"][-1])
            await asyncio.sleep(0.2)


async def give(tab: Tab, text: str) -> None:
    before = len(tab.turns)
    await tab.say(
        {
            "type": "message.create",
            "client_key": "7d3d1f0e-0000-4000-8000-" + f"{len(tab.turns):012d}",
            "text": text,
            "tip": tab.turns[-1] if tab.turns else None,
            "choices": {"computer": True},
        }
    )
    await tab.until(lambda: len(tab.turns) > before)


def states_of(run: Json) -> list[str]:
    return [step["state"] for step in run["steps"]]


async def asked(tab: Tab, number: int = 0) -> Json:
    """A run whose last step, of this number at least, waits for a person."""
    waits = ("waits_for_person", "ended")
    run = await run_when(tab, lambda run: run["state"] in waits and len(run["steps"]) > number)
    assert run["state"] == "waits_for_person", run
    return run


async def over(tab: Tab) -> Json:
    """The newest run when it has ended, and the answer too."""
    run = await run_when(tab, lambda run: run["state"] == "ended")
    await tab.until(lambda: tab.answer(tab.turns[-1]).ended)
    return run


def closed(shop: Stack) -> None:
    """No browser is kept any longer, and each has gone with its folder."""
    shop.change("UPDATE conversations_computerrun SET kept_until = created_at WHERE state = 'ended'")
    assert within(lambda: not folders(shop.worker.pid))


def folders(of: int) -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"rui-browser-{of}-*"))


def memory(of: int) -> int:
    """Bytes that are its own."""
    status = Path(f"/proc/{of}/status").read_text()
    return 1024 * int(status.partition("RssAnon:")[2].split()[0])


def within(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + SECONDS
    while not (found := true()) and time.monotonic() < until:
        time.sleep(0.2)
    return found


async def test_a_task_goes_from_its_prompt_to_its_end_and_the_next_goes_on_there(shop: Stack) -> None:
    rule(shop)
    async with chatting(shop) as tab:
        await give(tab, "Please buy me a lamp")
        waiting = await asked(tab)
        (check,) = waiting["steps"][-1]["checks"]
        assert check["code"] == "sensitive_domain"
        await tab.say({"type": "computer.proceed", "step": waiting["steps"][-1]["id"]})
        first = await over(tab)
        assert first["reason"] == "done", first
        assert all(step["screenshot"] for step in first["steps"])
        assert "/shop/checkout" in first["steps"][-1]["url"]
        assert not any("refused" in note for step in first["steps"] for note in step["notes"])
        await give(tab, "What do you see?")
        second = await over(tab)
        assert second["id"] != first["id"]
        assert second["steps"][0]["url"] == first["steps"][-1]["url"]
    assert not shop.rows("SELECT 1 FROM conversations_auditentry WHERE action = 'computer_refused'")


async def test_a_declined_check_leaves_the_order_unplaced(shop: Stack) -> None:
    rule(shop, "/shop/checkout")
    async with chatting(shop) as tab:
        await give(tab, "Please buy me a lamp")
        waiting = await asked(tab)
        await tab.say({"type": "computer.decline", "step": waiting["steps"][-1]["id"]})
        run = await over(tab)
        (check,) = run["steps"][-1]["checks"]
        assert (run["reason"], check["decision"], check["decided_by"]["username"]) == (
            "declined",
            "decline",
            "alice",
        )
        assert states_of(run) == ["done", "done", "not_done"]
        assert {step["title"].partition(" ")[0] for step in run["steps"]} == {"Checkout", ""}
        assert tab.answer(tab.turns[-1]).row["status"] == "cancelled"


@LISTED
async def test_a_stop_in_the_middle_of_an_action_ends_it_and_the_browser(shop: Stack) -> None:
    rule(shop)
    before = children(shop.worker.pid)
    async with chatting(shop) as tab:
        await give(tab, LONG)
        await run_when(tab, lambda run: states_of(run) == ["done", "running"])
        browsers = children(shop.worker.pid) - before
        assert browsers
        # Whoever watches has seen the picture of the step, and sees the page meanwhile.
        await tab.until(lambda: len(tab.sights) > 1)
        kinds = [(sight["step"], sight["media_type"]) for sight in tab.sights]
        assert kinds[:2] == [(0, "image/png"), (0, "image/jpeg")]
        await tab.say({"type": "response.stop", "response": tab.answer(tab.turns[-1]).row["id"]})
        run = await over(tab)
        assert (run["reason"], run["stopped_by"]["username"], states_of(run)) == (
            "stopped",
            "alice",
            ["done", "not_done"],
        )
        assert await asyncio.to_thread(ended, browsers)


async def test_a_task_that_would_go_on_for_ever_ends_with_its_last_step(shop: Stack) -> None:
    rule(shop, steps=2)
    async with chatting(shop) as tab:
        await give(tab, "Scroll for ever")
        run = await over(tab)
        assert (run["reason"], states_of(run)) == ("steps", ["done", "done", "done"])
        assert tab.answer(tab.turns[-1]).row["status"] == "completed"


async def test_where_every_step_is_confirmed_each_one_waits_for_a_person(shop: Stack) -> None:
    rule(shop, steps=2)
    shop.change(CONFIRM, True)
    async with chatting(shop) as tab:
        await give(tab, "Scroll for ever")
        for number in (1, 2):
            waiting = await asked(tab, number)
            assert (states_of(waiting)[number:], waiting["steps"][number]["checks"]) == (["asks"], [])
            await tab.say({"type": "computer.proceed", "step": waiting["steps"][number]["id"]})
        run = await over(tab)
    shop.change(CONFIRM, False)
    assert (run["reason"], states_of(run)) == ("steps", ["done", "done", "done"])
    assert [step["confirmed_by"]["username"] for step in run["steps"][1:]] == ["alice", "alice"]


@pytest.mark.faults
async def test_a_page_that_hangs_is_left_behind(shop: Stack) -> None:
    rule(shop, "/shop/stuck")
    async with chatting(shop) as tab:
        await give(
            tab, 'Actions: [[{"type": "click", "x": 90, "y": 90}], [{"type": "move", "x": 9, "y": 9}]]'
        )
        run = await over(tab)
        assert (run["reason"], states_of(run)) == ("done", ["done", "done", "done"])
        _first, hung, after = run["steps"]
        assert "The page did not react within 15 seconds." in hung["notes"]
        assert any(note.startswith("The page hung.") for note in hung["notes"])
        assert [(step["is_stale"], step["title"]) for step in (hung, after)] == [(False, "Stuck")] * 2
        assert after["notes"] == []


@LISTED
@pytest.mark.parametrize("runs", [3, pytest.param(10, marks=pytest.mark.faults)])
async def test_runs_one_after_the_other_leave_nothing_behind(shop: Stack, runs: int) -> None:
    rule(shop)
    await asyncio.to_thread(closed, shop)
    before, worker, sizes = children(shop.worker.pid), shop.worker.pid, []
    for _run in range(runs):
        async with chatting(shop) as tab:
            await give(tab, "What do you see?")
            assert (await over(tab))["reason"] == "done"
        browsers = children(worker) - before
        assert browsers
        await asyncio.to_thread(closed, shop)
        assert not children(worker) - before
        sizes.append(memory(worker))
    assert sizes[-1] - sizes[1] < MOST_GROWN * runs, sizes


@LISTED
@pytest.mark.faults
async def test_a_task_whose_worker_is_killed_is_interrupted_and_on_record(shop: Stack) -> None:
    rule(shop)
    async with chatting(shop) as tab:
        await give(tab, LONG)
        await run_when(tab, lambda run: states_of(run) == ["done", "running"])
        browsers = children(shop.worker.pid)
        shop.worker.kill()
        assert await asyncio.to_thread(ended, browsers)
        await asyncio.to_thread(shop.worker.start)
        run = await over(tab)
        assert (run["reason"], states_of(run)) == ("interrupted", ["done", "not_done"])
        assert run["steps"][0]["screenshot"]
        assert tab.answer(tab.turns[-1]).row["status"] == "interrupted"
    trail = "SELECT 1 FROM conversations_auditentry WHERE action = 'computer_ended' AND subject_id = %s"
    assert await asyncio.to_thread(within, lambda: bool(shop.rows(trail, run["id"])))

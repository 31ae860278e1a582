"""Retrieving and deleting against the emulator, by real processes: settle windows, overloads and crashes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx2
import pytest

from tests.conftest import MakeStack, running
from tests.stack import Image, Options, Stack
from tests.talk import Person, chatting, control, delete_upstream, fault, signed_in

pytestmark = pytest.mark.processes

BRIEF = {"DELETION_SECONDS": "0.5"}
EMULATOR = ("--rate", "400")
SETTLE = "UPDATE conversations_endpoint SET settle_seconds = %s"
RESPONSE = "SELECT upstream_state FROM conversations_response WHERE response_id = %s"
DELETION = (
    "SELECT outcome, read_back, http_status, explanation FROM conversations_deletion d"
    " JOIN conversations_response r ON r.id = d.response_id WHERE r.response_id = %s"
)

DUE_NOW = (
    "UPDATE conversations_deletion SET due_at = (SELECT ended_at FROM conversations_response r"
    " WHERE r.id = conversations_deletion.response_id) WHERE due_at IS NOT NULL"
)
LONG = 600


@pytest.fixture(scope="module")
def stack_of_this_file(image: Image) -> Iterator[Stack]:
    yield from running(image.stack("brief", Options(settings=BRIEF, emulator=EMULATOR)))


@pytest.fixture
def brief(stack_of_this_file: Stack) -> Stack:
    stack_of_this_file.change(SETTLE, 2)
    controls = f"{stack_of_this_file.emulator_url}/_emulator"
    httpx2.patch(f"{controls}/settings", json={"settle": 0}).raise_for_status()
    httpx2.put(f"{controls}/clock", json={"offset": 0}).raise_for_status()
    return stack_of_this_file


class Desk:
    """An operator's requests to the page of one response."""

    def __init__(self, person: Person, response: str) -> None:
        self.person = person
        self.way = f"{person.stack.url}/admin/conversations/response/{response}"

    async def post(self, door: str, **form: Any) -> str:
        url, headers = f"{self.way}/{door}/", self.person.headers
        async with self.person.session.post(url, data=form, headers=headers) as answer:
            assert answer.status in (200, 409), answer.status
            return await answer.text()


@asynccontextmanager
async def desk(stack: Stack, response: str) -> AsyncIterator[Desk]:
    async with signed_in(stack, "oscar") as person:
        yield Desk(person, response)


async def until(stack: Stack, response_id: str, outcome: str, read_back: str) -> tuple[Any, ...]:
    async with asyncio.timeout(100):
        while True:
            found = stack.rows(DELETION, response_id)
            if found and found[-1][:2] == (outcome, read_back):
                return found[-1]
            await asyncio.sleep(0.2)


async def until_received(stack: Stack, operation: str) -> None:
    async with asyncio.timeout(100):
        while True:
            if (await control(stack, "GET", f"requests?operation={operation}"))["requests"]:
                return
            await asyncio.sleep(0.1)


def state(stack: Stack, response_id: str) -> str:
    return str(stack.rows(RESPONSE, response_id)[0][0])


async def test_what_is_deleted_is_read_back_and_the_conversation_goes_on(brief: Stack) -> None:
    brief.change(SETTLE, LONG)
    async with chatting(brief) as tab:
        first = await tab.ask("My name is Ada.")
        async with desk(brief, first.row["id"]) as oscar:
            assert "Upstream has it" in await oscar.post("retrieve")
            page = await oscar.post("delete-upstream", reason="The customer asked")
            assert "Deleted upstream (HTTP 200)" in page
        assert state(brief, first.row["response_id"]) == "deleted"
        brief.change(DUE_NOW)
        await until(brief, first.row["response_id"], "deleted", "confirmed")
        assert state(brief, first.row["response_id"]) == "absent"
        second = await tab.ask("What is my name?")
        assert second.row["history"]["how"] == "rebuilt"
        assert "no longer upstream" in second.row["history"]["why"]
        assert "Ada" in second.text


async def test_one_that_upstream_does_not_show_yet_is_waited_for(brief: Stack) -> None:
    brief.change(SETTLE, LONG)
    await control(brief, "PATCH", "settings", {"settle": LONG})
    async with chatting(brief) as tab:
        answer = await tab.ask("Hello")
        async with desk(brief, answer.row["id"]) as oscar:
            assert "not yet visible" in await oscar.post("retrieve")
            assert "It is tried again by itself" in await oscar.post("delete-upstream", reason="Asked to")
        assert brief.rows(DELETION, answer.row["response_id"])[0][0] == "not_yet_visible"
        await control(brief, "PUT", "clock", {"advance": LONG})
        brief.change(SETTLE, 2)
        brief.change(DUE_NOW)
        await until(brief, answer.row["response_id"], "deleted", "confirmed")


async def test_one_that_is_gone_behind_our_back_is_already_absent(brief: Stack) -> None:
    async with chatting(brief) as tab:
        answer = await tab.ask("Hello")
        await delete_upstream(brief, answer.row["response_id"])
        await asyncio.sleep(2.5)
        async with desk(brief, answer.row["id"]) as oscar:
            assert "Noted as: confirmed absent" in await oscar.post("retrieve")
            page = await oscar.post("delete-upstream", reason="Asked to")
            assert "Upstream has confirmed that it is absent" in page
    assert state(brief, answer.row["response_id"]) == "absent"


async def test_an_overload_is_waited_out_and_a_wrong_answer_changes_nothing(brief: Stack) -> None:
    async with chatting(brief) as tab:
        answer = await tab.ask("Hello")
        before = state(brief, answer.row["response_id"])
        async with desk(brief, answer.row["id"]) as oscar:
            await fault(brief, "500", "retrieve")
            assert "Nothing was changed here" in await oscar.post("retrieve")
            assert state(brief, answer.row["response_id"]) == before
            await fault(brief, "429=1", "delete")
            assert "It is tried again by itself" in await oscar.post("delete-upstream", reason="Asked to")
        found = await until(brief, answer.row["response_id"], "deleted", "confirmed")
        assert found[2] == 200


async def test_a_web_process_that_dies_while_it_waits_loses_no_deletion(make_stack: MakeStack) -> None:
    """The request got through, its answer did not: the 404 of the next one is booked as ours."""
    brief = make_stack(settings=BRIEF | {"DELETION_LEASE_SECONDS": "1"}, emulator=EMULATOR)
    brief.change(SETTLE, 2)
    async with chatting(brief) as tab:
        answer = await tab.ask("Hello")
        await asyncio.sleep(2.5)
        async with desk(brief, answer.row["id"]) as oscar:
            await fault(brief, "latency=20", "delete")
            asking = asyncio.create_task(oscar.post("delete-upstream", reason="Asked to"))
            await until_received(brief, "delete")
            await delete_upstream(brief, answer.row["response_id"])
            brief.web.kill()
            with pytest.raises(aiohttp.ClientError):
                await asking
        found = await until(brief, answer.row["response_id"], "already_absent", "none")
        assert "after our own request at" in found[3]

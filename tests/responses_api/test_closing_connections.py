"""Leaving a stream is how a response is stopped upstream, so the connection must close at once."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from conversations.responses_api import Endpoint, Event, ResponsesAPI, StreamCut, Unreachable
from tests.responses_api.servers import Emulator, RawServer, sse

REQUEST = {"model": "m", "input": "hi"}
CREATED = sse({"type": "response.created", "response": {"id": "resp_1"}})
COMPLETED = sse({"type": "response.completed", "response": {"id": "resp_1"}})
# Far less than any time limit that would close it too.
AT_ONCE = 10.0

Main = Coroutine[Any, Any, None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Main], None]:
    """The worker's loop is uvloop's, whose transports close in their own way."""
    loop = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    def runner(main: Main) -> None:
        with asyncio.Runner(debug=request.param == "asyncio", loop_factory=loop) as runner:
            runner.run(main)
        # An unclosed session, transport or generator would warn here, and warnings are errors.
        gc.collect()

    return runner


async def first_event(api: ResponsesAPI, server: RawServer, seen: asyncio.Event) -> None:
    async with api.stream(server.endpoint(), REQUEST) as stream:
        async for event in stream:
            assert event["type"] == "response.created"
            seen.set()


async def left_at_once(server: RawServer) -> None:
    async with asyncio.timeout(AT_ONCE):
        await server.client_left.wait()


def test_leaving_the_context_closes_the_connection_at_once(run: Callable[[Main], None]) -> None:
    async def main() -> None:
        async with RawServer([CREATED], ending="hang") as server, ResponsesAPI() as api:
            async with api.stream(server.endpoint(), REQUEST) as stream:
                assert (await anext(stream))["type"] == "response.created"
            await left_at_once(server)

    run(main())


def test_an_error_in_the_context_closes_the_connection_at_once(run: Callable[[Main], None]) -> None:
    async def leave(api: ResponsesAPI, server: RawServer) -> None:
        async with api.stream(server.endpoint(), REQUEST) as stream:
            async for _ in stream:
                raise ZeroDivisionError

    async def main() -> None:
        async with RawServer([CREATED], ending="hang") as server, ResponsesAPI() as api:
            with pytest.raises(ZeroDivisionError):
                await leave(api, server)
            await left_at_once(server)

    run(main())


def test_cancelling_a_reading_task_closes_the_connection_at_once(run: Callable[[Main], None]) -> None:
    async def main() -> None:
        async with RawServer([CREATED], ending="hang") as server, ResponsesAPI() as api:
            seen = asyncio.Event()
            task = asyncio.create_task(first_event(api, server, seen))
            await seen.wait()
            task.cancel()
            # A second one while the first is being handled must not keep the connection open.
            asyncio.get_running_loop().call_soon(task.cancel)
            with pytest.raises(asyncio.CancelledError):
                await task
            await left_at_once(server)

    run(main())


def test_cancelling_before_the_headers_closes_the_connection_at_once(run: Callable[[Main], None]) -> None:
    async def main() -> None:
        async with RawServer(speak_first=False, ending="hang") as server, ResponsesAPI() as api:
            task = asyncio.create_task(first_event(api, server, asyncio.Event()))
            await server.asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await left_at_once(server)

    run(main())


def test_closing_the_api_ends_streams_that_still_run(run: Callable[[Main], None]) -> None:
    async def main() -> None:
        async with RawServer([CREATED], ending="hang") as server, ResponsesAPI() as api:
            seen = asyncio.Event()
            task = asyncio.create_task(first_event(api, server, seen))
            await seen.wait()
            await api.aclose()
            await left_at_once(server)
            with pytest.raises(StreamCut):
                await task

    run(main())


def test_closing_the_api_ends_requests_that_still_wait(run: Callable[[Main], None]) -> None:
    async def main() -> None:
        async with RawServer(speak_first=False, ending="hang") as server, ResponsesAPI() as api:
            task = asyncio.create_task(api.retrieve(server.endpoint(), "resp_1"))
            await server.asked.wait()
            await api.aclose()
            async with asyncio.timeout(AT_ONCE):
                with pytest.raises(Unreachable):
                    await task

    run(main())


def test_a_finished_stream_leaves_its_connection_for_the_next(run: Callable[[Main], None]) -> None:
    async def main() -> None:
        async with RawServer([CREATED, COMPLETED]) as server, ResponsesAPI() as api:
            for _ in range(3):
                async with api.stream(server.endpoint(), REQUEST) as stream:
                    assert [event["type"] async for event in stream][-1] == "response.completed"
            assert server.connections == 1

    run(main())


def test_a_server_that_does_not_hang_up_after_the_end_is_not_waited_for(
    run: Callable[[Main], None],
) -> None:
    async def main() -> None:
        async with RawServer([CREATED, COMPLETED], ending="hang") as server, ResponsesAPI() as api:
            started = time.monotonic()
            async with api.stream(server.endpoint(), REQUEST) as stream:
                types = [event["type"] async for event in stream]
            assert types[-1] == "response.completed"
            assert time.monotonic() - started < 2
            await left_at_once(server)

    run(main())


def test_an_api_belongs_to_one_event_loop() -> None:
    api = ResponsesAPI()

    async def use() -> None:
        async with RawServer([b"{}"], content_type="application/json") as server:
            await api.retrieve(server.endpoint(), "resp_1")

    async def use_and_close() -> None:
        try:
            await use()
        finally:
            await api.aclose()

    asyncio.run(use_and_close())
    with pytest.raises(RuntimeError, match="belongs to the event loop"):
        asyncio.run(use())


async def test_stopping_reaches_upstream(emulator: Emulator, api: ResponsesAPI) -> None:
    endpoint = emulator.endpoint()
    request = {"model": "gpt-5.1+deltas=1000@50", "input": "hi"}
    async with api.stream(endpoint, request) as stream:
        created = await anext(stream)
        async for event in stream:
            if event["type"] == "response.output_text.delta":
                break
    await outcome(emulator, created, "client_left")


async def outcome(emulator: Emulator, created: Event, wanted: str) -> None:
    async with asyncio.timeout(60):
        while True:
            last = await asyncio.to_thread(emulator.requests, "create")
            if last[-1]["outcome"] is not None:
                break
            await asyncio.sleep(0.02)
    assert last[-1]["response_id"] == created["response"]["id"]
    assert last[-1]["outcome"] == wanted


async def test_many_streams_at_once_do_not_mix(emulator: Emulator, api: ResponsesAPI) -> None:
    async def read(number: int, endpoint: Endpoint) -> tuple[int, str, str]:
        told = ""
        request = {
            "model": f"gpt-5.1+deltas={number + 5}",
            "input": "hi",
            "metadata": {"number": str(number)},
        }
        async with api.stream(endpoint, request) as stream:
            async for event in stream:
                if event["type"] == "response.output_text.delta":
                    told += event["delta"]
            response = event["response"]
            assert response["metadata"] == {"number": str(number)}
            return number, told, response["output"][-1]["content"][0]["text"]

    read_all = await asyncio.gather(*(read(number, emulator.endpoint()) for number in range(20)))
    assert all(told == kept for _, told, kept in read_all)

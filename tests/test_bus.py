"""What Redis is for every room, when Redis itself is in trouble."""

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio

from conversations import bus
from responses_ui import private_redis
from responses_ui.processes import tied


async def next_of(heard: asyncio.Queue[dict[str, Any]], kind: str) -> dict[str, Any]:
    while (message := await heard.get())["type"] != kind:
        pass
    return message


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One of the test's own, since it is frozen."""
    made = private_redis.prepare(tmp_path)
    process = subprocess.Popen(tied(made.process.command), stdout=subprocess.DEVNULL)
    private_redis.wait_until_ready(made.url)
    yield made.url, process
    process.kill()
    process.wait()


async def test_a_subscription_that_is_merely_quiet_goes_on(
    server: tuple[str, subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "SILENCE_SECONDS", 0.1)
    async with redis.asyncio.Redis.from_url(server[0]) as client, client.pubsub() as pubsub:
        await pubsub.subscribe("news")
        heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        listening = asyncio.create_task(bus.listen(pubsub, heard.put_nowait))
        async with asyncio.timeout(60):
            for _ in range(5):
                await next_of(heard, "pong")
            await client.publish("news", "at last")
            assert (await next_of(heard, "message"))["data"] == b"at last"
        listening.cancel()
        await asyncio.wait([listening])


async def test_a_subscription_to_a_frozen_server_is_given_up(
    server: tuple[str, subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "SILENCE_SECONDS", 0.5)
    url, process = server
    async with redis.asyncio.Redis.from_url(url) as client, client.pubsub() as pubsub:
        await pubsub.subscribe("news")
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(redis.TimeoutError, match="unanswered"):
            await asyncio.wait_for(bus.listen(pubsub, print), 60)
        process.send_signal(signal.SIGCONT)


async def test_words_of_any_kind_arrive_as_they_are() -> None:
    client = bus.async_client()
    said = [b"\x00\r\n$3\r\n", "zwölf Wörter 你好".encode(), b"", b"x" * 100_000]
    try:
        await client.rpush("responses_ui:tests:words", *said)
        async with client.pipeline(transaction=False) as pipe:
            pipe.execute_command("LRANGE", "responses_ui:tests:words", 0, -1)
            pipe.delete("responses_ui:tests:words")
            assert await pipe.execute() == [said, 1]
    finally:
        await client.aclose()

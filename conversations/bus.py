"""Redis as every room uses it: one pool per process, and the names of its channels and keys.

A message on a channel is a hint. Whoever misses one reads rows or the event log instead, so a publisher
that finds Redis away logs that and goes on.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

import orjson
import redis
import redis.asyncio
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.connection import HiredisRespSerializer
from redis.retry import Retry

logger = logging.getLogger(__name__)

POOL_SIZE = 64
TIMEOUTS: dict[str, Any] = {"socket_timeout": 5, "socket_connect_timeout": 5, "socket_keepalive": True}

SILENCE_SECONDS = 5

STOPS = "responses_ui:stops"
# Of all answers: each web process hears it all and hands on what somebody there has open.
FRAMES = "responses_ui:frames"


def conversation_channel(conversation: UUID | str) -> str:
    return f"responses_ui:conversation:{conversation}"


def user_channel(user: int) -> str:
    return f"responses_ui:user:{user}"


def browser_channel(browser: UUID) -> str:
    """That something in its task has changed."""
    return f"responses_ui:browser:{browser}"


def hand_channel(browser: UUID) -> str:
    """What a person does in a browser; nothing keeps it."""
    return f"responses_ui:hand:{browser}"


def log_key(response: UUID | str) -> str:
    return f"responses_ui:log:{response}"


@cache
def client() -> redis.Redis:
    """For synchronous code; waits for a free connection instead of failing."""
    pool = redis.BlockingConnectionPool.from_url(
        _url(), max_connections=POOL_SIZE, timeout=10, retry=Retry(NoBackoff(), 1), **TIMEOUTS
    )
    return redis.Redis(connection_pool=pool)


def async_client(**changed: Any) -> redis.asyncio.Redis:
    """A new client for the running loop. It doesn't retry: after an error nobody knows what arrived."""
    retry = AsyncRetry(NoBackoff(), 0)
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        _url(), max_connections=POOL_SIZE, timeout=10, retry=retry, **TIMEOUTS | changed
    )
    pool.connection_class = _packing(pool.connection_class)
    return redis.asyncio.Redis.from_pool(pool)


class _PacksInC:
    """As redis-py does for synchronous clients: appends to logs take half the time then."""

    _packer = HiredisRespSerializer()

    def pack_command(self, *arguments: Any) -> list[bytes]:
        packed: list[bytes] = self._packer.pack(*arguments)
        return packed


def _packing(connection: type[AbstractConnection]) -> type[AbstractConnection]:
    """Of whatever kind the URL asks for."""
    return type(f"Packing{connection.__name__}", (_PacksInC, connection), {})


def publish(channel: str, message: dict[str, Any]) -> None:
    try:
        client().publish(channel, orjson.dumps(message))
    except redis.RedisError as error:
        logger.warning("Not announced on %s, readers will find it by themselves: %s", channel, error)


async def listen(pubsub: redis.asyncio.client.PubSub, take: Callable[[dict[str, Any]], None]) -> None:
    """Hand on all that a subscription hears; raises when it breaks or leaves a ping unanswered.

    Thousands of messages come in a second, so they are read without a time limit each.
    """
    heard = True

    async def read() -> None:
        nonlocal heard
        while True:
            message = await pubsub.get_message(timeout=None)
            heard = True
            if message is not None:
                take(message)

    async def ping_while_heard() -> None:
        nonlocal heard
        while heard:
            heard = False
            await pubsub.ping()
            await asyncio.sleep(SILENCE_SECONDS)
        raise redis.TimeoutError(f"Redis left a ping unanswered for {SILENCE_SECONDS:g} seconds")

    tasks = [asyncio.create_task(read()), asyncio.create_task(ping_while_heard())]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _url() -> str:
    if not settings.REDIS_URL:
        raise ImproperlyConfigured(
            "There is no Redis: REDIS_URL is not set and no private server runs for this DATA_DIR. "
            "Set REDIS_URL like redis://localhost:6379/0, or start `make demo`, which brings its own."
        )
    return str(settings.REDIS_URL)

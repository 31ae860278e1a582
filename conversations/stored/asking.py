"""Asking upstream from a web request."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from asgiref.sync import async_to_sync
from django.conf import settings

from conversations.responses_api import ResponsesAPI, Timeouts

T = TypeVar("T")


def ask(question: Callable[[ResponsesAPI], Awaitable[T]]) -> T:
    """Ask upstream and wait, for one request of the desk; never inside a transaction.

    `question` must not touch the database: it runs on an event loop.
    """
    return async_to_sync(_ask)(question)


async def _ask(question: Callable[[ResponsesAPI], Awaitable[T]]) -> T:
    seconds = settings.DESK_UPSTREAM_SECONDS
    async with ResponsesAPI(Timeouts(read=seconds, total=seconds)) as api:
        return await question(api)

"""Carries out deletions that are due, several at once on the worker's loop."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from django.conf import settings

from conversations.loop import WorkerLoop, worker_loop
from conversations.responses_api import ResponsesAPI, Timeouts
from conversations.stored import deleting
from conversations.stored.deleting import Claimed
from conversations.stored.verdicts import Answer

logger = logging.getLogger(__name__)

Claim = Callable[[int], Claimed | None]
Send = Callable[[ResponsesAPI, Claimed], Coroutine[Any, Any, Answer]]
Book = Callable[[Claimed, Answer], None]


def run_due() -> None:
    """Deletions that wait for another try or for their read-back, or whose process died."""
    home = worker_loop()
    home.run(_run_due(home))


async def _run_due(home: WorkerLoop) -> None:
    undecided, unread = await home.write(deleting.due, settings.DELETION_BATCH)
    if not undecided and not unread:
        return
    seconds = settings.DESK_UPSTREAM_SECONDS
    async with ResponsesAPI(Timeouts(read=seconds, total=seconds)) as api:
        await _each(home, api, undecided, deleting.claim, deleting.send, deleting.book)
        await _each(home, api, unread, deleting.claim_read_back, deleting.look, deleting.book_read_back)


async def _each(  # three of them are the steps
    home: WorkerLoop, api: ResponsesAPI, keys: Sequence[int], claim: Claim, send: Send, book: Book
) -> None:
    """Several at once; what goes wrong with one stops no other."""
    gate = asyncio.Semaphore(settings.DELETIONS_AT_ONCE)

    async def one(key: int) -> None:
        async with gate:
            claimed = await home.write(claim, key)
            if claimed is not None:
                await home.write(book, claimed, await send(api, claimed))

    for key, result in zip(keys, await asyncio.gather(*map(one, keys), return_exceptions=True), strict=True):
        if isinstance(result, BaseException):
            logger.error("Deletion %s stumbled and is tried again", key, exc_info=result)

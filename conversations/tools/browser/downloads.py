"""Downloads lie in quarantine in their browser's folder, so many and so large; what goes beyond is cancelled.

Chromium tells nobody how far a download has come, so the folder is looked at while one is under way.
"""

import asyncio
import contextlib
from pathlib import Path

from playwright.async_api import Download

MOST_FILES, MOST_BYTES = 10, 50_000_000
LOOK_SECONDS = 0.1
TOO_MANY = f"A download was cancelled: a browser keeps at most {MOST_FILES}."
TOO_MUCH = f"A download was cancelled: a browser keeps at most {MOST_BYTES // 1_000_000} MB of them."


class Quarantine:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = 0

    async def hold(self, download: Download) -> str:
        """Until it has ended; why it was cancelled, empty where it was not."""
        self._files += 1
        why = TOO_MANY if self._files > MOST_FILES else await self._watch(download)
        if why:
            await download.cancel()
            # One that had ended by then is still there.
            if await download.failure() is None:
                await download.delete()
        return why

    async def _watch(self, download: Download) -> str:
        ended = asyncio.ensure_future(download.failure())
        try:
            while not ended.done():
                await asyncio.wait([ended], timeout=LOOK_SECONDS)
                if await asyncio.to_thread(self._size) > MOST_BYTES:
                    return TOO_MUCH
            await ended
        finally:
            ended.cancel()
        return ""

    def _size(self) -> int:
        total = 0
        for file in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # one that has just got its name
                total += file.stat().st_size
        return total

"""Responses that go on without a client: one task each, whose events lie in a log for all who follow."""

import asyncio
from collections.abc import Callable

from conversations.emulator.streaming.breaks import Break
from conversations.emulator.streaming.event_log import EventLog
from conversations.emulator.streaming.script import Script
from conversations.emulator.streaming.wire import paced, patience


class Run:
    """``breaks`` befall only the client that created the response, at these places of the log."""

    def __init__(self, script: Script, on_end: Callable[["Run"], None]) -> None:
        self.script = script
        self.on_end = on_end
        self.log = EventLog()
        self.breaks: dict[int, Break] = {}
        self.task = asyncio.create_task(self._play())

    async def _play(self) -> None:
        async for frames in paced(self.script.steps(), patience):
            if isinstance(frames, Break):
                self.breaks[len(self.log.frames)] = frames
                self.log.append([])
            else:
                self.log.append(frames)
        self._end()

    def _end(self) -> None:
        self.on_end(self)
        self.log.end()

    def cancel(self) -> None:
        """Stops it as the API's cancel does: what was said stays, no further event is sent, streams end."""
        self.task.cancel()
        self.script.cancel()
        self._end()

    def drop(self) -> None:
        """Stops it without a trace: it was deleted, or the server goes down."""
        self.task.cancel()
        self.log.end()

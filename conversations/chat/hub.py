"""One Redis subscription per web process beneath all its sockets.

Each socket has a bounded mailbox. What doesn't fit is dropped and noted: the socket then reads the log after
what it has sent, or tells its client to fetch the conversation again.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from enum import Enum, auto
from typing import Any

import orjson
import redis
import redis.asyncio

from conversations import bus
from conversations.chat.frames import Nudge, nudges
from conversations.loop import keep_going

logger = logging.getLogger(__name__)

MAILBOX_SIZE = 256
RECONNECT_SECONDS = 0.5
SIGHT = "computer.seen"


class Missed(Enum):
    """What didn't fit into a mailbox: only frames, which are in the logs, or news, which are in the rows."""

    FRAMES = auto()
    NEWS = auto()


Message = Nudge | Missed | dict[str, Any]


class Mailbox:
    """What has arrived for one socket."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Message] = asyncio.Queue(MAILBOX_SIZE)
        self._missed: set[Missed] = set()
        # By run, the newest picture of a browser in somebody's hand; who is slow skips those before it.
        self._sights: dict[str, dict[str, Any]] = {}

    def put(self, message: Message) -> None:
        if isinstance(message, dict) and message["type"] == SIGHT:
            is_waiting = message["run"] in self._sights
            # One that says what the page says is the only one that does.
            self._sights[message["run"]] = self._sights.get(message["run"], {}) | message
            if is_waiting:
                return
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            # A response whose first frame is not seen would not be followed.
            in_log = isinstance(message, Nudge) and message.seq > 0
            self._missed.add(Missed.FRAMES if in_log else Missed.NEWS)

    async def get(self) -> Message:
        """The next message; after a drop what kind was missed, once all that fitted has been taken."""
        if self._missed and self._queue.empty():
            return self._missed.pop()
        message = await self._queue.get()
        if isinstance(message, dict) and message["type"] == SIGHT:
            return self._sights.pop(message["run"])
        return message


class Hub:
    """Of one event loop; made by the first socket that subscribes."""

    def __init__(self) -> None:
        self._mailboxes: defaultdict[str, set[Mailbox]] = defaultdict(set)
        self.reader = bus.async_client()
        self._client = bus.async_client()
        self._pubsub = self._client.pubsub()
        self._confirmed = {bus.FRAMES: asyncio.Event()}
        self._connected = self._was_away = False
        self._task = asyncio.create_task(keep_going("hub", self._run))

    async def subscribe(self, mailbox: Mailbox, *channels: str) -> None:
        """Returns once Redis has confirmed, so that nothing published from now on is missed."""
        for channel in channels:
            self._mailboxes[channel].add(mailbox)
        wanted = [channel for channel in channels if channel not in self._confirmed]
        for channel in wanted:
            self._confirmed[channel] = asyncio.Event()
        # Until it is connected, the reader subscribes to all; two who connect would part the channels.
        if wanted and self._connected:
            # On an error the reader notices too, and subscribes to all again.
            with contextlib.suppress(redis.RedisError, OSError):
                await self._pubsub.subscribe(*wanted)
        for channel in (bus.FRAMES, *channels):
            await self._confirmed[channel].wait()

    async def unsubscribe(self, mailbox: Mailbox, *channels: str) -> None:
        for channel in channels:
            self._mailboxes[channel].discard(mailbox)
            if not self._mailboxes[channel]:
                del self._mailboxes[channel]
                self._confirmed.pop(channel, None)
                with contextlib.suppress(redis.RedisError, OSError):  # a lost connection has no subscriptions
                    await self._pubsub.unsubscribe(channel)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]  # redis has no types for it
        await self._client.aclose()
        await self.reader.aclose()

    async def _run(self) -> None:
        while True:
            try:
                await self._pubsub.connect()  # type: ignore[no-untyped-call]  # has no types
                self._connected = True
                await self._pubsub.subscribe(bus.FRAMES, *self._mailboxes)
                await bus.listen(self._pubsub, self._take)
            # uvloop raises a RuntimeError for a handle that was closed meanwhile.
            except (redis.RedisError, OSError, RuntimeError) as error:
                self._connected, self._was_away = False, True
                logger.warning("Live updates wait for Redis: %s", error)
                await asyncio.sleep(RECONNECT_SECONDS)
                await self._pubsub.aclose()  # type: ignore[no-untyped-call]  # redis has no types for it
                self._pubsub = self._client.pubsub()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "message":
            self._hear(message["channel"].decode(), message["data"])
        elif message["type"] == "subscribe":
            self._confirm(message["channel"].decode())

    def _hear(self, channel: str, data: bytes) -> None:
        if channel != bus.FRAMES:
            self._deliver(channel, dict(orjson.loads(data)))
            return
        for conversation, nudge in nudges(data):
            self._deliver(bus.conversation_channel(conversation), nudge)

    def _confirm(self, channel: str) -> None:
        if confirmed := self._confirmed.get(channel):
            confirmed.set()
        if channel == bus.FRAMES and self._was_away:
            self._was_away = False
            self._all_may_have_missed()

    def _deliver(self, channel: str, message: Message) -> None:
        for mailbox in self._mailboxes.get(channel, ()):
            mailbox.put(message)

    def _all_may_have_missed(self) -> None:
        for mailbox in {one for many in self._mailboxes.values() for one in many}:
            mailbox.put(Missed.NEWS)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


async def close_hub() -> None:
    """Of the running loop; for whoever ends the loop before the process."""
    closing = _hubs.pop(asyncio.get_running_loop(), None)
    if closing is not None:
        await closing.close()

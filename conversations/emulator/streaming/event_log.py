"""The events of one background response, in order, and those who read along."""

from collections.abc import Iterable, Mapping

from conversations.emulator.streaming.breaks import Break
from conversations.emulator.streaming.wire import Wire


class EventLog:
    """``frames[n]`` is the event with sequence number n; ``over`` tells that no more will come."""

    def __init__(self, frames: Iterable[bytes] = (), *, over: bool = False) -> None:
        self.frames = list(frames)
        self.over = over
        self.followers: set[Wire] = set()

    @classmethod
    def stored(cls, data: bytes) -> "EventLog":
        return cls((part + b"\n\n" for part in data.split(b"\n\n") if part), over=True)

    def dump(self) -> bytes:
        return b"".join(self.frames)

    def append(self, frames: list[bytes]) -> None:
        self.frames += frames
        self._tell()

    def end(self) -> None:
        self.over = True
        self._tell()

    def _tell(self) -> None:
        for wire in self.followers:
            wire.wake.set()

    async def follow(self, wire: Wire, after: int, breaks: Mapping[int, Break]) -> Break | None:
        """Writes the events after that number as they come, until the end, the client's leaving, or the first
        of ``breaks`` (by place in the log, may grow meanwhile); tells which break it met."""
        self.followers.add(wire)
        try:
            return await self._follow(wire, after + 1, breaks)
        finally:
            self.followers.discard(wire)

    async def _follow(self, wire: Wire, position: int, breaks: Mapping[int, Break]) -> Break | None:
        start = position
        while not wire.left:
            over = self.over
            place = min((place for place in breaks if place >= start), default=None)
            new = self.frames[position:place]
            position += len(new)
            if new:
                await wire.write(new)
            if place is not None and (position >= place or over):
                return breaks[place]
            if over:
                return None
            await wire.news()
        return None

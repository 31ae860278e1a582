"""Answers that take their time: they play a script, or follow one, until the client has it all or leaves."""

from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from conversations.emulator import codec, creation
from conversations.emulator.calls import Call
from conversations.emulator.creation import Creation
from conversations.emulator.faults import Faults
from conversations.emulator.streaming.breaks import Break
from conversations.emulator.streaming.event_log import EventLog
from conversations.emulator.streaming.script import Script
from conversations.emulator.streaming.wire import Wire, paced

EVENT_STREAM = "text/event-stream; charset=utf-8"


class Answer:
    """The request's record learns how it ended."""

    def __init__(self, call: Call, faults: Faults) -> None:
        self.call = call
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire = Wire(scope, receive, send, self.faults)
        emulator, recorded = self.call.emulator, self.call.recorded
        emulator.wires[wire] = recorded
        try:
            broken = await self.play(wire)
            recorded.outcome = _outcome(wire, broken)
            if broken:
                await wire.apply(broken)
        finally:
            recorded.frames_sent = wire.frames_sent
            del emulator.wires[wire]
            wire.close()

    async def play(self, wire: Wire) -> Break | None:
        """Writes the answer; the break that it met, if it met one."""
        raise NotImplementedError

    async def start(self, wire: Wire, media_type: str = EVENT_STREAM) -> None:
        self.call.recorded.status = 200
        await wire.start(200, self.call.headers | {"content-type": media_type})


def _outcome(wire: Wire, broken: Break | None) -> str:
    if broken:
        return broken.value
    if wire.aborted:
        return "cut"
    return "client_left" if wire.left else "completed"


class Foreground(Answer):
    """Lives and dies with its connection: only what its client saw to the end is stored."""

    def __init__(self, call: Call, made: Creation) -> None:
        super().__init__(call, made.faults)
        self.made = made
        self.wire: Wire | None = None
        self.script = creation.script_of(call.emulator, made, self._keep)
        call.recorded.response_id = self.script.response["id"]

    def _keep(self, script: Script) -> None:
        settle = self.faults.number("settle")
        if settle is None:
            settle = self.call.emulator.settings.settle
        if self.wire is not None and not self.wire.left:
            self.call.emulator.keep(script, self.made.context, streamed=self.streamed, settle=settle)

    streamed = True

    async def play(self, wire: Wire) -> Break | None:
        self.wire = wire
        await self.start(wire)
        async for frames in paced(self.script.steps(), wire.pause):
            if isinstance(frames, Break):
                return frames
            await wire.write(frames)
        await wire.finish()
        return None


class Unstreamed(Foreground):
    streamed = False

    async def play(self, wire: Wire) -> Break | None:
        self.wire = wire
        async for frames in paced(self.script.steps(), wire.pause):
            if isinstance(frames, Break):
                # A body that ends early without a length would look like a whole one.
                return Break.STALL if frames is Break.STALL else Break.CUT
        await self.start(wire, "application/json")
        await wire.finish(codec.dumps(self.script.response))
        return None


class Following(Answer):
    """Reads along in the log of a background response; ``breaks`` are by place in that log."""

    def __init__(
        self,
        call: Call,
        log: EventLog,
        faults: Faults,
        *,
        after: int,
        breaks: Mapping[int, Break],
        clear: bool,
    ) -> None:
        super().__init__(call, faults)
        self.log = log
        self.after = after
        self.breaks = breaks
        self.clear = clear

    async def play(self, wire: Wire) -> Break | None:
        wire.clear = self.clear
        await self.start(wire)
        broken = await self.log.follow(wire, self.after, self.breaks)
        if broken is None:
            await wire.finish()
        return broken


def replay_breaks(faults: Faults, after: int) -> dict[int, Break]:
    """Where a retrieved stream breaks: the faults' numbers count its own events."""
    return {after + 1 + int(faults.args[kind.value]): kind for kind in Break if kind.value in faults}

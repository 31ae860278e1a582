"""The emulator's state, and what its routes and its control endpoints do to it."""

import dataclasses
import secrets
from typing import Any

from conversations.emulator import errors, objects, usage
from conversations.emulator.background import Run
from conversations.emulator.clock import Clock
from conversations.emulator.faults import FaultQueue
from conversations.emulator.identity import Tokens
from conversations.emulator.recorder import Recorded, Recorder
from conversations.emulator.settings import Settings
from conversations.emulator.store import Store, Stored
from conversations.emulator.streaming.event_log import EventLog
from conversations.emulator.streaming.script import Script
from conversations.emulator.streaming.wire import Wire

Json = dict[str, Any]


class Emulator:
    def __init__(self, settings: Settings) -> None:
        self.settings = self.first_settings = settings
        self.store = Store(settings.store)
        self.clock = Clock(float(self.store.setting("clock_offset", "0")))
        self.tokens = Tokens(self.store.setting("token_secret", secrets.token_hex(32)))
        self.recorder = Recorder(settings.record)
        self.queue = FaultQueue()
        self.prompts = usage.PromptCache()
        self.runs: dict[str, Run] = {}
        self.wires: dict[Wire, Recorded] = {}
        self._fail_orphans()

    def _fail_orphans(self) -> None:
        """Background responses that ran when the emulator was last stopped did not survive it."""
        error = {
            "code": "server_error",
            "message": "The server was restarted while it generated the response.",
        }
        for stored in self.store.all():
            if stored.body["status"] in ("queued", "in_progress"):
                body = stored.body | {"status": "failed", "error": error}
                self.store.put(dataclasses.replace(stored, body=body), self.store.context(body["id"]))

    def close(self) -> None:
        """Breaks what is under way, as a server that dies does, and closes the store."""
        self.break_connections()
        for run in self.runs.values():
            run.drop()
        self.store.close()

    def break_connections(self) -> int:
        """Resets those under way; how many they were."""
        broken = [wire for wire in self.wires if not wire.left]
        for wire in broken:
            wire.abort()
        return len(broken)

    def move_clock(self, offset: float) -> None:
        self.clock.offset = offset
        self.store.set_setting("clock_offset", str(offset))

    def reset(self) -> None:
        """As if it had just been started with an empty store."""
        self.break_connections()
        for run in self.runs.values():
            run.drop()
        self.runs.clear()
        self.store.clear()
        self.queue.waiting.clear()
        self.recorder.requests.clear()
        self.prompts.seen.clear()
        self.settings = self.first_settings
        self.move_clock(0)

    # Stored responses

    def find(self, response_id: str) -> Stored:
        """Raises the service's 404 for an id that is unknown, deleted, expired or not yet visible."""
        stored = self.store.get(response_id, self.clock.now())
        if stored is None:
            raise errors.response_not_found(response_id)
        return stored

    def current(self, stored: Stored) -> Json:
        """The response object as of now, which for one that runs lies with its run."""
        run = self.runs.get(stored.body["id"])
        if run is None:
            return stored.body
        run.script.settle()
        return run.script.response

    def history(self, previous_id: str | None) -> list[Json]:
        """All items that the model has read and said up to this response."""
        if previous_id is None:
            return []
        stored = self.store.get(previous_id, self.clock.now())
        if stored is None:
            raise errors.previous_response_not_found(previous_id)
        output: list[Json] = self.current(stored)["output"]
        return self.store.context(previous_id) + output

    def keep(self, script: Script, context: list[Json], *, streamed: bool, settle: float) -> None:
        """Stores a finished foreground response; a streamed one may stay invisible for a while."""
        if script.stored and script.response["store"]:
            self.store.put(self._stored(script.response, streamed, settle if streamed else 0), context)

    def _stored(self, body: Json, streamed: bool, settle: float = 0, frames: bytes | None = None) -> Stored:
        now, created = self.clock.now(), body["created_at"]
        return Stored(
            body=body,
            created_at=created,
            visible_at=now + settle,
            expires_at=created + self.settings.retention,
            events_until=now + self.settings.replay_lifetime,
            background=body["background"],
            streamed=streamed,
            frames=frames,
        )

    def start(self, script: Script, context: list[Json], *, streamed: bool) -> Run:
        """Begins a background run. It is stored at once and again when it ends, then with its events."""
        body = script.response
        self.store.put(self._stored(body, streamed), context)
        self.runs[body["id"]] = Run(script, lambda run: self._end(run, context, streamed))
        return self.runs[body["id"]]

    def _end(self, run: Run, context: list[Json], streamed: bool) -> None:
        body = run.script.response
        del self.runs[body["id"]]
        if run.script.stored:
            frames = run.log.dump() if streamed else None
            self.store.put(self._stored(body, streamed, frames=frames), context)
        else:
            self.store.delete(body["id"])

    def add_many(self, count: int, model: str, age: float) -> list[str]:
        """Responses that nobody asked for, as if they had ended so many seconds ago."""
        created = self.clock.now() - age
        done = {"status": "completed", "completed_at": int(created)}
        bodies = [objects.new_response({}, model, created, {}) | done for _ in range(count)]
        self.store.put_many(self._stored(body, streamed=False) for body in bodies)
        return [body["id"] for body in bodies]

    def visible(self) -> list[Stored]:
        now = self.clock.now()
        return [stored for stored in self.store.all() if stored.visible_at <= now < stored.expires_at]

    def log(self, stored: Stored) -> EventLog:
        """The events of a background response, for those who ask with ``stream=true``."""
        if not stored.background:
            raise errors.not_streamable("background=true")
        if not stored.streamed:
            raise errors.not_streamable("stream=true")
        run = self.runs.get(stored.body["id"])
        if run is not None:
            return run.log
        if stored.frames is None or stored.events_until <= self.clock.now():
            raise errors.invalid("The events of this response are no longer available.", param="stream")
        return EventLog.stored(stored.frames)

    def delete(self, response_id: str) -> None:
        self.find(response_id)
        run = self.runs.pop(response_id, None)
        if run is not None:
            run.drop()
        self.store.delete(response_id)

    def cancel(self, response_id: str) -> Json:
        """Cancelling what has ended changes nothing."""
        stored = self.find(response_id)
        if not stored.background:
            raise errors.invalid("Cannot cancel a synchronous response.")
        run = self.runs.get(response_id)
        if run is not None:
            run.cancel()
            return run.script.response
        return stored.body

"""Clients in Python and in the browser's JavaScript, told the same.

Whatever happens to the frames on the way, both know what upstream has said so far, and in the end what it
retrieves.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.chat.frames import Frame
from conversations.chat.transcript import RULES, Event, Transcript, coalesce, fold
from tests.chat.streams import NOISE, Said, answers, odd_events
from tests.node import Script, script
from tests.talk import Answer

Json = dict[str, Any]

FEW = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def mirror() -> Iterator[Script]:
    with script("mirror.mjs") as running:
        yield running


def plain(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value))


class Log:
    """What Redis does to the log of one response: ids only grow, and only a first frame makes a log."""

    def __init__(self) -> None:
        self.entries: list[tuple[tuple[int, int], bytes]] = []

    def append(self, frame: Frame) -> bool:
        position = (frame.epoch, frame.seq)
        if (not self.entries and frame.seq > 0) or (self.entries and position <= self.entries[-1][0]):
            return False
        self.entries.append((position, frame.dump()))
        return True

    def after(self, epoch: int, seq: int) -> list[bytes]:
        return [raw for position, raw in self.entries if position > (epoch, seq)]


class Worker:
    """Folds, cuts into frames and appends, as the runner and the log's writer do."""

    def __init__(self, log: Log, transcript: Transcript, epoch: int) -> None:
        self.log = log
        self.transcript = transcript
        self.epoch, self.seq = epoch, 0
        self.pending: list[Event] = []
        self.barrier = 0
        self.starts_over = False

    def say(self, event: Event) -> None:
        self.transcript.apply(copy.deepcopy(event))
        self.pending.append(event)

    def frame(self) -> Frame:
        events = coalesce(self.pending[: self.barrier]) + coalesce(self.pending[self.barrier :])
        if self.starts_over:
            receipts = [event for event in events if event["type"] == "receipt"]
            events = [copy.deepcopy(self.transcript.as_event()), *receipts]
        return Frame("r1", self.epoch, self.seq, self.transcript.upstream_seq, events)

    def settle(self, *, known: bool) -> None:
        """`known`: the append is known to have worked; else a new epoch begins with the whole state."""
        if known:
            self.seq, self.starts_over, self.pending = self.seq + 1, False, []
        else:
            self.epoch, self.seq, self.starts_over = self.epoch + 1, 0, True
        self.barrier = 0

    def checkpoint(self) -> Json:
        self.barrier = len(self.pending)
        return {"epoch": self.epoch, "seq": self.seq - 1, "state": plain(self.transcript.as_event())}


class World:
    """One answer, the server that streams it, and a client in either language."""

    def __init__(self, mirror: Script, said: Said) -> None:
        self.mirror = mirror
        self.said = said
        self.truth = truth_of(said)
        self.told = 0
        self.revision = 1
        self.ended = False
        self.log = Log()
        self.worker = Worker(self.log, Transcript(), 1)
        self.saved: Json = {}
        self.nudges: list[Json] = []
        self.reload()

    # What happens on the server; `chance` is a number that decides the details.

    def upstream_says(self, chance: int) -> None:
        for event in self.said.events[self.told : self.told + 1 + chance % 6]:
            self.worker.say(copy.deepcopy(event))
            self.told += 1

    def flush(self, _chance: int = 0) -> None:
        self._append(arrives=True, known=True)

    def flush_and_never_know(self, chance: int) -> None:
        """The line broke on the way there, or on the way back."""
        self._append(arrives=bool(chance % 2), known=False)

    def _append(self, *, arrives: bool, known: bool) -> None:
        if not self.worker.pending and not self.worker.starts_over:
            return
        frame = self.worker.frame()
        arrived = arrives and self.log.append(frame)
        if arrived:
            self.nudges.append(orjson.loads(frame.dump()))
        self.worker.settle(known=arrived and known)

    def checkpoint(self, _chance: int) -> None:
        self.saved = self.worker.checkpoint()

    def lose_the_log(self, _chance: int) -> None:
        self.log.entries.clear()

    def take_over(self, _chance: int) -> None:
        """Another worker goes on from checkpoint and log, and asks upstream for what comes after."""
        transcript, epoch, _seq = self.state()
        self.worker = Worker(self.log, transcript, max(epoch, self.worker.epoch) + 1)
        self.worker.starts_over = True
        self.told = transcript.upstream_seq + 1
        self.flush()

    # What happens to the clients

    def deliver(self, _chance: int = 0) -> None:
        self.tell(self.nudges[-1:])

    def deliver_any(self, chance: int) -> None:
        """Lost, doubled, late or early: any of the last frames, once or twice."""
        latest = self.nudges[-6:]
        if latest:
            self.tell([latest[chance % len(latest)]] * (1 + chance % 2))

    def deliver_backwards(self, chance: int) -> None:
        self.tell(self.nudges[: -1 - chance % 6 : -1])

    def reload(self, _chance: int = 0) -> None:
        self.python = Answer({**self.row(), "revision": 0})
        self.browser = self.mirror.ask({"do": "open"})
        self.reconnect()

    def reconnect(self, _chance: int = 0) -> None:
        row = self.row()
        self.python.know(copy.deepcopy(row))
        self.browser = self.mirror.ask({"do": "page", "page": page(row)})
        self.look()

    def look(self, _chance: int = 0) -> None:
        """Each reads on from where it stands, as after a gap or a silence."""
        for raw in self.log.after(self.python.epoch, self.python.seq):
            self.python.fold(orjson.loads(raw))
        known = self.browser[0]["position"]
        missing = self.log.after(known["epoch"], known["after"])
        self.browser = self.mirror.ask({"do": "frames", "frames": [orjson.loads(raw) for raw in missing]})

    def check(self) -> None:
        """Everyone's items are what upstream had said at the event that they reach."""
        assert self.python.transcript.items == self.truth[self.python.transcript.upstream_seq + 1]
        (browser,) = self.browser
        assert browser["items"] == self.truth[browser["upstream_seq"] + 1]
        fresh, _epoch, _seq = self.state()
        assert fresh.items == self.truth[fresh.upstream_seq + 1]

    def end(self) -> None:
        self.upstream_says(5)
        while self.told < len(self.said.events):
            self.upstream_says(5)
        self.worker.say(self.said.terminal)
        self.ended, self.revision = True, 2
        self.worker.pending.append({"type": "receipt", "response": self.announced()})

    def check_the_end(self) -> None:
        """Whoever heard all of it needs nothing; the others find it in the rows."""
        self.look()
        if not (self.python.whole and self.browser[0]["is_whole"]):
            self.reconnect()
        self.tell(self.nudges)  # what comes late changes nothing
        (browser,) = self.browser
        assert browser["is_whole"]
        assert self.python.whole
        assert browser["status"] == self.python.row["status"] == self.said.status
        assert browser["items"] == self.python.transcript.items == self.said.output

    def announce_the_end(self) -> None:
        """A row without its items, which may come before the last frames."""
        self.python.know(self.announced())
        self.browser = self.mirror.ask({"do": "turn", "turn": turn(self.announced())})

    def announced(self) -> Json:
        return {key: value for key, value in self.row().items() if key not in {"items", "cursor"}}

    def tell(self, frames: list[Json]) -> None:
        for frame in frames:
            self.python.fold(copy.deepcopy(frame))
        self.browser = self.mirror.ask({"do": "frames", "frames": frames})

    def state(self) -> tuple[Transcript, int, int]:
        """As conversations.chat.snapshots reads it."""
        transcript = Transcript()
        if self.saved:
            transcript.apply(copy.deepcopy(self.saved["state"]))
        epoch, seq = self.saved.get("epoch", 0), self.saved.get("seq", -1)
        return fold(transcript, epoch, seq, self.log.after(epoch, seq))

    def row(self) -> Json:
        row = {"id": "r1", "turn": "t1", "revision": self.revision, "attempt": 1}
        if self.ended:
            return row | {"status": self.said.status, "items": plain(self.said.output), "cursor": None}
        transcript, epoch, seq = self.state()
        cursor = {"epoch": epoch, "seq": seq, "upstream_seq": transcript.upstream_seq} if epoch else None
        return row | {"status": "in_progress", "items": plain(transcript.items), "cursor": cursor}


def truth_of(said: Said) -> list[Any]:
    """The items after the first so many events."""
    transcript = Transcript()
    states: list[Any] = [[]]
    for event in [*said.events, said.terminal]:
        transcript.apply(copy.deepcopy(event))
        states.append(plain(transcript.items))
    return states


def turn(row: Json) -> Json:
    return {"id": "t1", "client_key": "k1", "text": "", "responses": [row]}


def page(row: Json) -> Json:
    return {"conversation": {"id": "c1"}, "turns": [turn(row)], "earlier": None}


Step = Callable[[World, int], None]
Steps = list[tuple[Step, int]]
SMOOTH: list[Step] = [
    *[World.upstream_says] * 8,
    *[World.flush] * 4,
    *[World.deliver] * 4,
]
ROUGH: list[Step] = [
    *[World.checkpoint] * 4,
    *[World.reload, World.reconnect, World.look] * 2,
    *[World.deliver_any, World.deliver_backwards] * 2,
    *[World.flush_and_never_know, World.lose_the_log, World.take_over],
]


def steps(*kinds: Step) -> st.SearchStrategy[Steps]:
    return st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 11)), min_size=20, max_size=50)


@pytest.mark.timeout(600)  # a failing example takes its time to become a small one
@FEW
@given(
    said=answers(),
    before=steps(*SMOOTH, *ROUGH),
    after=steps(*SMOOTH, World.deliver_any, World.reload),
    announced=st.booleans(),
)
def test_whatever_happens_on_the_way_nobody_loses_or_doubles_a_word(
    mirror: Script, said: Said, before: Steps, after: Steps, *, announced: bool
) -> None:
    world = World(mirror, said)
    for step, chance in before:
        step(world, chance)
        world.check()
    world.end()
    if announced:
        world.announce_the_end()
    for step, chance in after:
        step(world, chance)
    world.check_the_end()


@FEW
@given(said=answers())
def test_the_stream_folds_to_what_upstream_retrieves(said: Said) -> None:
    assert truth_of(said)[-1] == said.output


@FEW
@given(events=odd_events([*RULES, *(event["type"] for event in NOISE)]))
def test_both_make_the_same_of_nonsense(mirror: Script, events: list[Event]) -> None:
    events = [event for event in events if event["type"] != "snapshot"]
    transcript = Transcript()
    for event in copy.deepcopy(events):
        transcript.apply(event)
    mirror.ask({"do": "open"})
    row = {"id": "r1", "turn": "t1", "revision": 1, "status": "queued", "items": [], "cursor": None}
    mirror.ask({"do": "page", "page": page(row)})
    frame = {"response": "r1", "epoch": 1, "seq": 0, "events": events}
    (browser,) = mirror.ask({"do": "frames", "frames": [frame]})
    assert browser["items"] == plain(transcript.items)
    assert browser["upstream_seq"] == transcript.upstream_seq

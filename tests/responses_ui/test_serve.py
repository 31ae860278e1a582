"""`make demo` and its siblings, as they are started once everything is installed."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from responses_ui.env import ROOT
from responses_ui.processes import LOOPBACK, free_port, tied

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]

SERVE = (sys.executable, "-m", "scripts.serve")
START_SECONDS = 300
STOP_SECONDS = 180
# It waits for what it starts, as make does.
MAKE = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"


@dataclass
class Served:
    """One `scripts.serve` in a data folder of its own, by what it prints."""

    data: Path
    env: dict[str, str]
    what: str = "demo"
    process: subprocess.Popen[bytes] | None = None
    known: list[psutil.Process] = field(default_factory=list)

    def start(self, *prefix: str) -> None:
        with (self.data / "printed").open("wb") as printed:
            command = tied((*prefix, *SERVE, self.what))
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed
            )

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process

    def printed(self) -> str:
        return (self.data / "printed").read_text()

    def wait_for(self, words: str) -> str:
        deadline = time.monotonic() + START_SECONDS
        while words not in self.printed():
            ended = self.running.poll() is not None
            if (ended and words not in self.printed()) or time.monotonic() > deadline:
                raise AssertionError(f"{words!r} was never printed:\n{self.printed()}")
            time.sleep(0.1)
        self.known = psutil.Process(self.running.pid).children(recursive=True) if not self.ended() else []
        return self.printed()

    def ended(self) -> bool:
        return self.running.poll() is not None

    def url(self) -> str:
        found = re.search(r"http://\S+/", self.printed())
        assert found is not None
        return found[0]

    def nothing_remains(self) -> bool:
        _gone, alive = psutil.wait_procs(self.known, timeout=STOP_SECONDS)
        return not alive

    def end(self) -> None:
        if self.process is not None and not self.ended():
            self.process.terminate()
            self.process.wait(timeout=STOP_SECONDS)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    env = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
    data = folder / "data of a demo, 100%"
    data.mkdir()
    demo = Served(data, env | {"DATA_DIR": str(data), "PORT": str(free_port()), "DEMO_HISTORY": "0"})
    try:
        yield demo
    finally:
        demo.end()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as demo:
        yield demo


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demo for all tests that leave it running; its usual port was taken when it started."""
    with serving(tmp_path_factory.mktemp("running")) as demo, socket.socket() as busy:
        busy.bind((LOOPBACK, 0))
        busy.listen()
        demo.env["PORT"] = str(busy.getsockname()[1])
        demo.start()
        demo.wait_for("Press Ctrl-C")
        yield demo


def readiness(url: str) -> dict[str, bool]:
    with urllib.request.urlopen(f"{url}readyz?worker=1", timeout=30) as answer:
        return dict(json.load(answer))


def pid_of(served: Served, name: str) -> int:
    """0 while it isn't running, which supervisorctl also calls a failure."""
    config = served.data / "supervisord.conf"
    command = (sys.executable, "-m", "supervisor.supervisorctl", "-c", str(config), "pid", name)
    return int(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def test_a_demo_tells_where_it_is_and_who_may_enter(running: Served) -> None:
    assert readiness(running.url()) == {"database": True, "redis": True, "worker": True}
    shown = running.printed()
    assert all(name in shown for name in ("alice, bob", "carol", "audrey", "oscar", "admin"))
    assert re.search(r"password: +\w{4}-\w{4}-\w{4}\n", shown)


def test_a_demo_takes_the_next_port_when_one_is_taken(running: Served) -> None:
    taken = running.env["PORT"]
    assert f"Port {taken} is taken" in running.printed()
    assert running.url() != f"http://{LOOPBACK}:{taken}/"


def test_a_demo_lets_its_models_into_its_shop(running: Served) -> None:
    with closing(sqlite3.connect(running.data / "responses_ui.sqlite3")) as database:
        pages = database.execute("SELECT DISTINCT start_url FROM conversations_computerpolicy").fetchall()
    port = json.loads((running.data / "demo.json").read_text())["emulator_port"]
    assert pages == [(f"http://{LOOPBACK}:{port}/shop/",)]


def test_a_second_demo_on_the_same_data_is_refused(running: Served) -> None:
    second = subprocess.run(
        [*SERVE, "demo"], cwd=ROOT, env=running.env, capture_output=True, text=True, timeout=180, check=False
    )
    assert second.returncode == 1
    assert "already runs with DATA_DIR=" in second.stderr


def test_one_more_worker_joins_a_demo(running: Served) -> None:
    (running.data / "worker").mkdir()
    worker = Served(running.data / "worker", running.env, what="worker")
    worker.start()
    try:
        worker.wait_for(" ready.")
    finally:
        worker.end()


def test_a_demo_starts_again_what_dies(running: Served) -> None:
    before = pid_of(running, "product:worker")
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + START_SECONDS
    while pid_of(running, "product:worker") in (0, before):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_demo_opens_on_a_month_and_is_what_it_was_after_ctrl_c_and_ends_with_make(served: Served) -> None:
    """On a month that upstream and ledger share; the second time it is started as make does it."""
    served.env |= {"DEMO_HISTORY": "1", "DEMO_PASSWORD": "chosen by a person"}
    served.start()
    assert "chosen by a person" in served.wait_for("Press Ctrl-C to stop.")
    rows = history(served)
    assert {status for status, _state, _expiry, _id in rows} >= {
        *("completed", "failed", "cancelled", "interrupted", "incomplete")
    }
    stored = {response_id for _status, state, _expiry, response_id in rows if state == "stored"}
    upstream, offset = emulated(served)
    assert offset == 0
    assert len(stored - set(upstream)) == expired(rows), "upstream forgot what had expired, and no more"
    assert not set(upstream) - {response_id for *_rest, response_id in rows}
    assert manage(served, "verify_audit") == 0
    before = addresses(served)
    served.running.send_signal(signal.SIGINT)
    assert served.running.wait(STOP_SECONDS) == 0
    assert served.nothing_remains()
    assert served.printed().endswith("Stopped.\n")
    served.start(sys.executable, "-c", MAKE)
    served.wait_for("Press Ctrl-C to stop.")
    assert history(served) == rows
    assert addresses(served) == before
    assert "chosen by a person" not in "".join(before)
    served.running.kill()
    served.running.wait()
    assert served.nothing_remains()


def addresses(served: Served) -> list[str]:
    return [(served.data / name).read_text() for name in ("redis.json", "demo.json")]


def history(served: Served) -> list[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(served.data / "responses_ui.sqlite3")) as database:
        return database.execute(
            "SELECT status, upstream_state, expires_at, response_id FROM conversations_response"
            " ORDER BY queued_at"
        ).fetchall()


def expired(rows: list[tuple[str, str, str, str]]) -> int:
    now = datetime.now(UTC).isoformat(sep=" ")
    return sum(state == "stored" and expiry < now for _status, state, expiry, _id in rows)


def emulated(served: Served) -> tuple[list[str], float]:
    """The ids that the emulator holds, and by how much its clock is wrong."""
    port = json.loads((served.data / "demo.json").read_text())["emulator_port"]

    def asked(path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_emulator/{path}", timeout=30) as answer:
            return json.load(answer)

    held = [row["id"] for row in asked("responses")["responses"] if row["visible"]]
    return held, float(asked("clock")["offset"])


def manage(served: Served, command: str) -> int:
    done = subprocess.run(
        [sys.executable, "manage.py", command], cwd=ROOT, env=served.env, capture_output=True, check=False
    )
    return done.returncode


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("HOST", "192.0.2.1"),
        ("AZURE_OPENAI_ENDPOINT", "my-resource"),
        ("REDIS_URL", "localhost:6379"),
        ("DATABASE_URL", "mysql://localhost/chat"),
        ("RETENTION_DAYS", "-1"),
        ("DATA_DIR", "/proc/nowhere"),
    ],
)
def test_a_wrong_value_ends_the_start_with_its_name_and_no_traceback(
    served: Served, name: str, value: str
) -> None:
    served.env[name] = value
    served.start()
    assert served.running.wait(timeout=START_SECONDS) == 1
    assert f"{name} is wrong: it must be " in served.printed()
    assert "Traceback" not in served.printed()


def test_a_worker_alone_says_what_it_lacks(served: Served) -> None:
    served.what = "worker"
    served.start()
    assert served.running.wait(timeout=START_SECONDS) == 1
    assert "set REDIS_URL, or start `make demo` or `make run` first" in served.printed()


def test_run_has_no_people_and_says_that_the_api_is_missing(served: Served) -> None:
    served.what = "run"
    served.start()
    shown = served.wait_for("Press Ctrl-C")
    assert readiness(served.url())["worker"]
    assert "alice" not in shown
    assert "set AZURE_OPENAI_ENDPOINT or OPENAI_BASE_URL" in shown


def test_a_demo_ends_in_good_order_when_its_terminal_is_closed(served: Served) -> None:
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [*SERVE, "demo"], cwd=ROOT, env=served.env, stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    with os.fdopen(reader, "rb") as shown:
        assert b"Starting redis" in shown.readline()
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGHUP)
    _output, errors = process.communicate(timeout=STOP_SECONDS)
    assert errors == b""
    assert process.returncode == 0
    served.known = children
    assert served.nothing_remains()

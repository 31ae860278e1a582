"""Runs the product on this machine: `.venv/bin/python -m scripts.serve demo|run|worker`.

`demo` brings people and a local stand-in for the API, `run` is the same for real use, `worker` is one more
worker beside either. All stay in the foreground and end everything that they started.
"""

import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.core.exceptions import ImproperlyConfigured

from conversations.tools.browser.executables import on_path
from responses_ui import env, private_redis, processes
from responses_ui.processes import LOOPBACK, Process
from scripts import installation
from scripts.console import GiveUp, end_with, run, say, step
from scripts.installation import Memory
from scripts.supervision import Supervisor

READY_SECONDS = 180
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A person or the system asks us to end. Not an error, so nothing may catch it in passing."""


class Serving:
    def __init__(self, data: Path, *, demo: bool) -> None:
        self.data = data
        self.demo = demo
        self.host, self.port = installation.address()
        self.memory = Memory(data) if demo else None
        self.emulated = demo and env.upstream() is None
        self.base: list[Process] = []

    def __call__(self) -> None:
        self._prepare()
        product = (processes.web(self.host, self.port), *processes.workers(), processes.beat())
        groups = {"base": self.base, "product": product} if self.base else {"product": product}
        supervisor = Supervisor(self.data, groups)
        try:
            self._start(supervisor)
            self._wait_for_the_end(supervisor)
        finally:
            ignore_signals()
            with step("Stopping"):
                supervisor.stop()

    def _prepare(self) -> None:
        if not env.text("ALLOWED_HOSTS"):
            os.environ["ALLOWED_HOSTS"] = ",".join(installation.names_of_this_machine(self.host))
        if not env.text("REDIS_URL"):
            private_redis.stop_leftover(self.data)
            self.base.append(private_redis.prepare(self.data).process)
        if self.memory:
            self._prepare_demo(self.memory)
        # Read here, so that a mistake in them is one line instead of a traceback in some log.
        importlib.import_module("responses_ui.settings")

    def _prepare_demo(self, memory: Memory) -> None:
        memory.settle()
        os.environ |= {"DEMO": "1", "DEMO_PASSWORD": memory.password}
        if not env.text("CHROMIUM") and not on_path():
            # Asked only then, since Playwright takes a second to say where its own would be.
            os.environ["CHROMIUM"] = importlib.import_module("scripts.chromium").playwrights_own()
        if self.emulated:
            os.environ |= memory.environment()
            self.base.append(processes.emulator(memory.emulator_port, self.data / "emulator.sqlite3"))

    def _start(self, supervisor: Supervisor) -> None:
        supervisor.start()
        if self.base:
            with step(f"Starting {' and '.join(process.name for process in self.base)}"):
                supervisor.launch("base")
                self._wait_until(self._base_is_ready, supervisor)
        with step("Preparing the database"):
            self._fill_database()
        if self.emulated and env.whole_number("DEMO_HISTORY", 1, low=0, high=1):
            with step("Telling a month of history"):
                run(processes.manage("demo_history"))
        with step("Starting web, workers and beat"):
            supervisor.launch("product")
            self._wait_until(self._is_ready, supervisor)
        self._tell()

    def _fill_database(self) -> None:
        people = ("demo_people",) if self.demo else ()
        offers = ("demo_offers",) if self.emulated else ()
        commands = ("migrate", "collectstatic", "configure", *people, *offers)
        run((sys.executable, "-m", "scripts.prepare", *commands))

    def _wait_until(self, ready: Callable[[], bool], supervisor: Supervisor) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            dead = supervisor.dead()
            if dead:
                raise GiveUp(f"{dead[0]} does not stay up:\n{supervisor.tail(dead[0])}")
            if time.monotonic() > deadline:
                raise GiveUp(f"Not ready after {READY_SECONDS} seconds; see the logs in {supervisor.logs}.")
            time.sleep(0.2)

    def _base_is_ready(self) -> bool:
        redis = env.recorded_redis(self.data)
        emulator = f"{env.text('AZURE_OPENAI_ENDPOINT')}/_emulator/clock"
        return private_redis.answers(redis) and (not self.emulated or answers(Request(emulator)))

    def _is_ready(self) -> bool:
        host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self.host, self.host)  # noqa: S104
        address = f"{installation.url(host, self.port)}readyz?worker=1"
        return answers(Request(address, headers={"Host": welcome_host()}))

    def _wait_for_the_end(self, supervisor: Supervisor) -> None:
        """Of make too, however it ends: nobody else would stop us then."""
        parent = os.getppid()
        reported: set[str] = set()
        while os.getppid() == parent:
            if not supervisor.is_running():
                raise GiveUp(f"The supervisor ended; see {supervisor.logs}/supervisord.log.")
            for name in set(supervisor.dead()) - reported:
                say(f"  {name} does not stay up; see {supervisor.logs}/{name}.log")
                reported.add(name)
            time.sleep(0.5)

    def _tell(self) -> None:
        say(f"\n  Responses UI is ready:  {installation.url(self.host, self.port)}\n")
        if self.memory:
            say(PEOPLE.format(password=self.memory.password))
        else:
            say("  Make yourself an account:  .venv/bin/python manage.py createsuperuser\n")
        say(f"  The model is {self._upstream()}.")
        say(f"  Data and logs are in {self.data}.")
        say("  Press Ctrl-C to stop.\n")

    def _upstream(self) -> str:
        upstream = env.upstream()
        if self.emulated:
            return "a local stand-in that makes up its answers; AZURE_OPENAI_ENDPOINT names a real one"
        if upstream is None:
            return "missing: set AZURE_OPENAI_ENDPOINT or OPENAI_BASE_URL and start again"
        return f"{upstream.deployment} at {urlsplit(upstream.base_url).netloc}"


PEOPLE = """    alice, bob    team Research
    carol         team Field
    audrey        auditor
    oscar         operator
    admin         administrator

  Everybody's password:  {password}
"""


def answers(request: Request) -> bool:
    try:
        with urlopen(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def welcome_host() -> str:
    """A name under which Django lets us in."""
    first = env.names("ALLOWED_HOSTS", (LOOPBACK,))[0]
    return LOOPBACK if first == "*" else first.removeprefix(".")


def worker(data: Path) -> None:
    """Becomes one more worker; beside a demo it talks to the demo's stand-in."""
    if not env.recorded_redis(data):
        raise GiveUp("No Redis is known: set REDIS_URL, or start `make demo` or `make run` first.")
    if env.upstream() is None and (data / "demo.json").exists():
        os.environ |= Memory(data).environment()
    processes.become(processes.worker(f"worker-{os.getpid()}"))


def listen_to_signals() -> None:
    def stop(number: int, _: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    for each in SIGNALS:
        signal.signal(each, stop)


def ignore_signals() -> None:
    """While everything ends, being asked again changes nothing."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)


def main(what: str) -> None:
    data = env.data_dir()
    if what == "worker":
        worker(data)
        return
    listen_to_signals()
    with installation.only_one(data):
        Serving(data, demo=what == "demo")()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Stopped:
        say("  Stopped.")
    except ImproperlyConfigured as mistake:
        end_with(GiveUp(str(mistake)))
    except GiveUp as error:
        end_with(error)

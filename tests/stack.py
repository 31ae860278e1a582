"""A whole installation of real processes, of which any part can be stopped, killed and started again."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from responses_ui import private_redis, processes
from responses_ui.env import ROOT
from responses_ui.processes import LOOPBACK, Process, free_port
from tests.databases import Databases, Row, change, rows

# A bound for what hangs; a loaded machine takes ten times as long as a quiet one.
START_SECONDS = 180
PASSWORD = "a-password-for-tests"
KEY = "key-of-the-emulator"
MCP_TOKEN = "canary-5d20e8-of-an-mcp-server"
DEPLOYMENT = "gpt-5.1"
LOG_TAIL = 6000
# Where the template's endpoint is; each stack's copy is moved to its own emulator.
NOWHERE = f"http://{LOOPBACK}:1"
MOVE_ENDPOINT = "UPDATE conversations_endpoint SET base_url = replace(base_url, %s, %s)"

# A program ends with the thread that started it, so this one lives as long as the tests do.
_starting = ThreadPoolExecutor(1, thread_name_prefix="starting")


class Program:
    """One process, known by its pid; its log goes on over restarts."""

    def __init__(
        self, process: Process, *, env: Mapping[str, str], log: Path, ready: Callable[["Program"], bool]
    ) -> None:
        self.name = process.name
        self.process = process
        self.env = env
        self.log = log
        self.ready = ready
        self.started_at_byte = 0
        self.running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self.running is None:
            raise RuntimeError(f"{self.name} is not running")
        return self.running.pid

    @property
    def is_alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        self.started_at_byte = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            starting = _starting.submit(
                subprocess.Popen[bytes],
                processes.tied(self.process.command),
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            self.running = starting.result()

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not self.ready(self):
            if not self.is_alive:
                raise AssertionError(f"{self.name} ended while it started:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} was not ready after {seconds:g} seconds:\n{self.tail()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Politely; one that doesn't end in its time fails the test. A loaded machine gets more of it."""
        self.signal(signal.SIGTERM)
        self._gone(3 * self.process.stop_seconds)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self._gone(60)

    def restart(self) -> None:
        self.stop()
        self.start()

    def signal(self, number: signal.Signals) -> None:
        if self.running is not None:
            self.running.send_signal(number)

    def said_since_start(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self.started_at_byte)
            return log.read().decode(errors="replace")

    def tail(self) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return text[-LOG_TAIL:]

    def _gone(self, seconds: float) -> None:
        if self.running is None:
            return
        try:
            self.running.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
            raise AssertionError(f"{self.name} did not end within {seconds:g} s:\n{self.tail()}") from None
        finally:
            self.running = None


@dataclass
class Options:
    """What a stack may be made of: settings by name, options of the emulator, and whether beat runs too."""

    settings: Mapping[str, str] = field(default_factory=dict)
    emulator: Sequence[str] = ()
    beat: bool = True


class Stack:
    """Made by the fixtures `stack` (shared: leave it as you found it) and `make_stack` (the test's own)."""

    open: ClassVar[list["Stack"]] = []

    def __init__(self, folder: Path, databases: Databases, static: Path, options: Options) -> None:
        self.folder = folder
        self.databases = databases
        self.options = options
        folder.mkdir(mode=0o700)
        (folder / "static").symlink_to(static)
        self.port, self.emulator_port = free_port(), free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.emulator_url = f"http://{LOOPBACK}:{self.emulator_port}"
        self.database_url = databases.copy()
        self.change(MOVE_ENDPOINT, NOWHERE, self.emulator_url)
        base = environment(folder, self.database_url) | upstream(self.emulator_url)
        self.env = {**base, **options.settings}
        redis = private_redis.prepare(folder)
        self.redis_url = redis.url
        self.redis = self._program(redis.process, lambda _: private_redis.answers(redis.url))
        self.emulator = self._program(self._emulator(), answers(f"{self.emulator_url}/_emulator/clock"))
        self.web = self._program(processes.web(LOOPBACK, self.port), answers(f"{self.url}/readyz"))
        self.worker = self._program(processes.worker(), says(" ready."))
        self.beat = self._program(processes.beat(), says("beat: Starting"))
        self.extra: list[Program] = []
        Stack.open.append(self)

    @property
    def programs(self) -> list[Program]:
        return [self.redis, self.emulator, self.web, self.worker, self.beat, *self.extra]

    def start(self) -> None:
        self.redis.launch()
        self.emulator.launch()
        late = [self.web, self.worker, *([self.beat] if self.options.beat else [])]
        for program in late:
            program.launch()
        for program in (self.redis, self.emulator, *late):
            program.wait_until_ready()

    def more_workers(self, number: int = 1) -> list[Program]:
        """Further workers beside the first, started."""
        taken = len(self.extra) + 2
        made = [processes.worker(f"worker{count}") for count in range(taken, taken + number)]
        programs = [self._program(process, says(" ready.")) for process in made]
        self.extra += programs
        for program in programs:
            program.start()
        return programs

    def close(self) -> None:
        """Ends everything at once, as a power cut would, and leaves nothing behind."""
        for program in reversed(self.programs):
            program.kill()
        self.databases.drop(self.database_url)
        shutil.rmtree(self.folder)
        Stack.open.remove(self)

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Runs manage.py with the stack's environment and answers what it printed."""
        return manage(*arguments, env=self.env, stdin=stdin)

    def rows(self, statement: str, *parameters: Any) -> list[Row]:
        return rows(self.database_url, statement, parameters)

    def change(self, statement: str, *parameters: Any) -> None:
        change(self.database_url, statement, parameters)

    def logs(self) -> list[tuple[str, str]]:
        return [(program.name, program.tail()) for program in self.programs]

    def _emulator(self) -> Process:
        usual = processes.emulator(self.emulator_port, self.folder / "emulator.sqlite3")
        return Process(usual.name, (*usual.command, *self.options.emulator))

    def _program(self, process: Process, ready: Callable[[Program], bool]) -> Program:
        return Program(process, env=self.env, log=self.folder / f"{process.name}.log", ready=ready)


class Image:
    """What all stacks of a pytest process begin with: a filled database and the collected static files."""

    def __init__(self, folder: Path, databases: Databases) -> None:
        self.folder = folder
        self.databases = databases
        self.static = folder / "static"

    def fill(self) -> None:
        assert (ROOT / "static" / "dist").exists(), "The front end is not built. Run: make static"
        self.databases.make_template(self._fill)

    def _fill(self, database_url: str) -> None:
        # Changes of people are announced, so this borrows the Redis of the pytest process.
        own_redis = {"REDIS_URL": os.environ["REDIS_URL"]}
        env = environment(self.folder, database_url) | upstream(NOWHERE) | own_redis
        commands = ("migrate", "demo_people", "configure", "collectstatic")
        run((sys.executable, "-m", "scripts.prepare", *commands), env=env | {"DEMO_PASSWORD": PASSWORD})

    def stack(self, name: str, options: Options) -> Stack:
        return Stack(self.folder / name, self.databases, self.static, options)

    def close(self) -> None:
        self.databases.close()


def environment(folder: Path, database_url: str) -> dict[str, str]:
    """The test's own, without its Redis: a stack finds its own by the record in its folder."""
    kept = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    own = {"DATA_DIR": str(folder), "DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}
    return kept | own | {"DJANGO_SETTINGS_MODULE": "tests.stack_settings"}


def upstream(url: str) -> dict[str, str]:
    """What names an emulator as the API."""
    return {
        "AZURE_OPENAI_ENDPOINT": url,
        "AZURE_OPENAI_DEPLOYMENT": DEPLOYMENT,
        "AZURE_OPENAI_API_KEY": KEY,
        "EMULATOR_KEY": KEY,
        "MCP_DOCS_TOKEN": MCP_TOKEN,
        "COMPUTER_LOCAL_SITES": url.removeprefix("http://"),
    }


def manage(*arguments: str, env: Mapping[str, str], stdin: str = "") -> str:
    return run(processes.manage(*arguments), env=env, stdin=stdin)


def run(command: Sequence[str], *, env: Mapping[str, str], stdin: str = "") -> str:
    result = subprocess.run(
        command, cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise AssertionError(f"{' '.join(command)} failed:\n{result.stdout}{result.stderr}")
    return result.stdout


def answers(url: str) -> Callable[[Program], bool]:
    def ready(_: Program) -> bool:
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    return ready


def says(words: str) -> Callable[[Program], bool]:
    def ready(program: Program) -> bool:
        return words in program.said_since_start()

    return ready

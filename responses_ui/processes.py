"""The command line of every process of an installation, the same wherever it is started.

`python -m responses_ui.processes web|worker|beat` becomes one of them, for a system's own supervisor. A
worker takes the queues that are named behind it, `worker responses desk`, or all.
"""

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from responses_ui import env
from responses_ui.env import ROOT

LOOPBACK = "127.0.0.1"
QUEUES = ("responses", "desk", "deletions", "computer")
WORKER_THREADS = 300
# A message may hold 1 MiB; up to twice that the consumer can say so, where the server would just hang up.
SOCKET_BYTES = 2 * 1_048_576


@dataclass(frozen=True)
class Process:
    """`stop_seconds` is how long it may take to end by itself before it is killed."""

    name: str
    command: tuple[str, ...]
    stop_seconds: int = 10


def tied(command: tuple[str, ...], signal_name: str = "TERM") -> tuple[str, ...]:
    """The command, in a process that ends with its parent."""
    return (sys.executable, "-IS", str(ROOT / "scripts" / "tied.py"), signal_name, *command)


def web(host: str, port: int) -> Process:
    return Process(
        "web",
        (
            *_module("uvicorn", "responses_ui.asgi:application", "--host", host, "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"),
            *("--ws-per-message-deflate", "false", "--ws-max-size", str(SOCKET_BYTES)),
            *("--timeout-graceful-shutdown", "5", "--no-server-header", "--no-access-log"),
        ),
    )


def worker(name: str = "worker", queues: tuple[str, ...] = QUEUES) -> Process:
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    pool = ("--pool", "threads", "--concurrency", str(WORKER_THREADS))
    return Process(
        name,
        _celery("worker", *pool, "--queues", ",".join(queues), "--hostname", f"{name}@%h", *quiet),
        stop_seconds=20,
    )


def workers() -> tuple[Process, Process]:
    """Deletions have one of their own: thousands of their requests must not stand before anybody's words."""
    return worker(queues=("responses", "desk", "computer")), worker("deletions", queues=("deletions",))


def beat() -> Process:
    return Process("beat", _celery("beat", "--pidfile="))


def emulator(port: int, store: Path) -> Process:
    """Its key is in the environment, as EMULATOR_KEY, where other users of the machine can't read it."""
    address = ("--host", LOOPBACK, "--port", str(port))
    return Process("emulator", _module("conversations.emulator", *address, "--store", str(store)))


def manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(ROOT / "manage.py"), *arguments)


def free_port(host: str = LOOPBACK, preferred: int = 0) -> int:
    """The preferred port when nothing listens there, else one that the system picks."""
    for port in (preferred, 0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            # As servers do it: a port whose old connections still linger counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                if port == 0:
                    raise
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("unreachable: the system always answers port 0 or an error")


def become(process: Process) -> NoReturn:
    os.execv(process.command[0], process.command)


def named(name: str = "", *queues: str) -> Process:
    if not {*queues} <= {*QUEUES}:
        raise SystemExit(f"The queues are {', '.join(QUEUES)}.")
    match name:
        case "web":
            return web(env.text("HOST", LOOPBACK), env.whole_number("PORT", 8000, low=1, high=65535))
        case "worker":
            return worker(f"{'-'.join(queues) or 'worker'}-{os.getpid()}", queues or QUEUES)
        case "beat":
            return beat()
    raise SystemExit("Name one of web, worker and beat.")


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _celery(*arguments: str) -> tuple[str, ...]:
    return _module("celery", "-A", "responses_ui", *arguments, "--loglevel", "INFO")


if __name__ == "__main__":
    become(named(*sys.argv[1:]))

"""What `make` tells a person while it works."""

import os
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent


class GiveUp(Exception):
    """Ends the command with a message for a person; the traceback would not help."""


def say(text: str = "", end: str = "\n") -> None:
    try:
        print(text, end=end, flush=True)
    except OSError:
        # The terminal is gone. What was started has to be stopped all the same.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 stays open as long as we run


@contextmanager
def step(title: str) -> Generator[None, None, None]:
    """A line that appears when the work begins and is completed when it ends."""
    begun = time.monotonic()
    say(f"  {title} … ", end="")
    try:
        yield
    except BaseException:
        say("failed")
        raise
    seconds = time.monotonic() - begun
    say(f"done ({seconds:.0f} s)" if seconds >= 1 else "done")


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> None:
    """Runs a command silently; when it fails, what it printed is shown."""
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        raise GiveUp(f"{result.stdout.strip()}\n\nThis command failed: {' '.join(map(str, command))}")


def end_with(error: GiveUp) -> NoReturn:
    print(f"\n{error}", file=sys.stderr, flush=True)
    raise SystemExit(1)

"""The processes that a process has started, as Linux lists them."""

import time
from pathlib import Path

import pytest

LISTED = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads Linux's list of processes")


def children(of: int) -> set[int]:
    """Their processes and all below."""
    told = Path(f"/proc/{of}/task").glob("*/children")
    own = {int(child) for each in told for child in each.read_text().split()}
    return own.union(*(children(child) for child in own))


def ended(processes: set[int]) -> bool:
    until = time.monotonic() + 60
    while left := [pid for pid in processes if is_running(pid)]:
        if time.monotonic() > until:
            return not left
        time.sleep(0.05)
    return True


def is_running(pid: int) -> bool:
    """Not one that has ended and only waits to be noticed."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False

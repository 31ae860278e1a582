"""The harness keeps its word: real processes that can die and come back, and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from responses_ui.processes import LOOPBACK, tied
from tests.conftest import MakeStack
from tests.stack import Stack

pytestmark = pytest.mark.processes


def ready(stack: Stack) -> dict[str, bool]:
    with urllib.request.urlopen(f"{stack.url}/readyz?worker=1", timeout=30) as answer:
        return dict(json.load(answer))


@pytest.mark.smoke
def test_a_stack_is_ready_with_its_cast_and_the_emulators_deployment(stack: Stack) -> None:
    assert ready(stack) == {"database": True, "redis": True, "worker": True}
    people = stack.rows("SELECT username FROM conversations_user ORDER BY username")
    assert [name for (name,) in people] == ["admin", "alice", "audrey", "bob", "carol", "oscar"]
    query = "SELECT title FROM conversations_deployment WHERE name = %s"
    assert len(stack.rows(query, "gpt-5.1")) == 1


def test_manage_sees_the_stacks_own_redis(stack: Stack) -> None:
    shown = stack.manage("shell", "-c", "from django.conf import settings; print(settings.REDIS_URL)")
    assert stack.redis_url in shown


def test_each_part_can_be_killed_and_started_again_or_asked_to_end_and_nothing_stays(
    make_stack: MakeStack,
) -> None:
    stack = make_stack()
    for program in stack.programs:
        before = program.pid
        program.kill()
        assert not psutil.pid_exists(before)
    stack.start()
    assert ready(stack) == {"database": True, "redis": True, "worker": True}
    stack.more_workers()
    pids = [program.pid for program in stack.programs]
    ports = [stack.port, stack.emulator_port, int(stack.redis_url.rpartition(":")[2].partition("/")[0])]
    children = {child.pid for pid in pids for child in psutil.Process(pid).children(recursive=True)}
    for program in (*stack.extra, stack.worker, stack.beat, stack.web, stack.emulator, stack.redis):
        program.stop()
    stack.close()
    assert not [pid for pid in {*pids, *children} if psutil.pid_exists(pid)]
    assert not [port for port in ports if listens(port)]
    assert not stack.folder.exists()
    assert stack not in Stack.open


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_a_tied_program_ends_with_its_parent(tmp_path: Path) -> None:
    script = f"""
import subprocess, time
child = subprocess.Popen({tied(("sleep", "600"))!r})
print(child.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=tmp_path)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    wait_for_command(child, "sleep")
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running()


def wait_for_command(process: psutil.Process, name: str) -> None:
    while process.name() != name:
        os.sched_yield()

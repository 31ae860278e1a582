"""Several processes write to one chain."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from responses_ui.env import ROOT
from tests.databases import databases, rows
from tests.stack import environment, manage

WRITERS = ("first", "second")
COUNT = 200


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation with an empty database of its own."""

    def migrate(url: str) -> None:
        manage("migrate", env=environment(tmp_path, url))

    kind = databases(tmp_path)
    kind.make_template(migrate)
    url = kind.copy()
    yield environment(tmp_path, url)
    kind.drop(url)
    kind.close()


def test_two_processes_that_write_at_once_make_one_chain(env: dict[str, str]) -> None:
    writers = [start(name, env) for name in WRITERS]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()
    assert [writer.wait(timeout=180) for writer in writers] == [0, 0]
    verdict = json.loads(manage("verify_audit", "--json", env=env))
    assert (verdict["ok"], verdict["entries"]) == (True, len(WRITERS) * COUNT)
    counts = rows(env["DATABASE_URL"], "SELECT actor, count(*) FROM conversations_auditentry GROUP BY actor")
    assert sorted(counts) == [(f"system:{name}", COUNT) for name in WRITERS]


def start(name: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = (sys.executable, "-m", "tests.people.audit_writer", name, str(COUNT))
    return subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE)

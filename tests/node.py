"""A script of tests/js that runs for as long as the tests ask it things: JSON, one line each way."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from responses_ui.env import ROOT
from scripts.front_end import find_node


class Script:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout

    def ask(self, command: dict[str, Any]) -> Any:
        self._stdin.write(json.dumps(command) + "\n")
        self._stdin.flush()
        line = self._stdout.readline()
        assert line, "the script ended; what it said is above"
        return json.loads(line)


@contextmanager
def script(name: str) -> Iterator[Script]:
    node = find_node()
    command = ["node", str(ROOT / "tests" / "js" / name)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=node.env, text=True, encoding="utf-8"
    ) as process:
        yield Script(process)

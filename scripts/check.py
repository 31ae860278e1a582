"""Every check that needs no test to run: style, types, migrations, deployment settings, the front end."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from scripts.console import ROOT, say

# `check --deploy` judges an installation as it is meant to run in production.
PRODUCTION = {
    "ALLOWED_HOSTS": "chat.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://chat.example.com",
}


# Most of them work on one processor and wait for no other.
AT_ONCE = 2


def commands() -> list[tuple[str, ...]]:
    python = sys.executable
    manage = (python, str(ROOT / "manage.py"))
    return [
        (python, "-m", "mypy"),
        (python, "-m", "ruff", "check", "."),
        (python, "-m", "ruff", "format", "--check", "."),
        (*manage, "makemigrations", "--check", "--dry-run"),
        (*manage, "check", "--deploy", "--fail-level", "WARNING"),
        (python, "-m", "scripts.front_end", "check"),
    ]


def main() -> int:
    chosen = commands()
    with tempfile.TemporaryDirectory(prefix="rui-check-") as data:
        env = os.environ | PRODUCTION | {"DATA_DIR": data}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            passed = list(pool.map(lambda command: passes(command, env), chosen))
        failed = [command for command, good in zip(chosen, passed, strict=True) if not good]
    for command in failed:
        say(f"FAILED: {' '.join(command)}")
    return 1 if failed else 0


def passes(command: Sequence[str], env: Mapping[str, str]) -> bool:
    done = subprocess.run(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    say(f"$ {' '.join(command)}\n{done.stdout}", end="")
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())

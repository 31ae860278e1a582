"""Every check that needs no test to run: style, types, migrations, deployment settings, the front end."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from scripts.console import ROOT, say

# `check --deploy` judges an installation as it is meant to run in production.
PRODUCTION = {
    "ALLOWED_HOSTS": "chat.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://chat.example.com",
}


def commands() -> list[tuple[str, ...]]:
    python = sys.executable
    manage = (python, str(ROOT / "manage.py"))
    return [
        (python, "-m", "ruff", "check", "."),
        (python, "-m", "ruff", "format", "--check", "."),
        (python, "-m", "mypy"),
        (*manage, "makemigrations", "--check", "--dry-run"),
        (*manage, "check", "--deploy", "--fail-level", "WARNING"),
        (python, "-m", "scripts.front_end", "check"),
    ]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="rui-check-") as data:
        env = os.environ | PRODUCTION | {"DATA_DIR": data}
        failed = [command for command in commands() if not passes(command, env)]
    for command in failed:
        say(f"FAILED: {' '.join(command)}")
    return 1 if failed else 0


def passes(command: Sequence[str], env: Mapping[str, str]) -> bool:
    say(f"$ {' '.join(command)}")
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The Python that everything begins with is found, or its absence is told."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from responses_ui.env import ROOT

SCRIPT = str(ROOT / "scripts" / "python.sh")
SH = shutil.which("sh") or "/bin/sh"
VERSION = ("-c", "import sys; print(sys.version_info >= (3, 11))")


def ask(path: str, python: str = "") -> subprocess.CompletedProcess[str]:
    env = {"PATH": path, "PYTHON": python}
    return subprocess.run([SH, SCRIPT, *VERSION], env=env, capture_output=True, text=True, check=False)


def fake(folder: Path, name: str, body: str) -> None:
    file = folder / name
    file.write_text(f"#!{SH}\n{body}\n")
    file.chmod(0o755)


def test_one_on_the_path_is_taken() -> None:
    found = ask(f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
    assert (found.returncode, found.stdout) == (0, "True\n")


def test_an_old_one_is_passed_over(tmp_path: Path) -> None:
    fake(tmp_path, "python3", "exit 1")
    fake(tmp_path, "python3.11", f'exec {sys.executable} "$@"')
    assert ask(str(tmp_path)).stdout == "True\n"


def test_one_that_cannot_make_environments_is_the_last_choice(tmp_path: Path) -> None:
    fake(tmp_path, "python3", 'case "$2" in *ensurepip*) exit 1;; esac; echo incomplete')
    fake(tmp_path, "python3.12", "echo complete")
    assert ask(str(tmp_path)).stdout == "complete\n"
    (tmp_path / "python3.12").unlink()
    assert ask(str(tmp_path)).stdout.endswith("incomplete\n")


def test_a_named_one_is_taken_before_all_others(tmp_path: Path) -> None:
    fake(tmp_path, "mine", "echo mine")
    assert ask(os.defpath, str(tmp_path / "mine")).stdout.endswith("mine\n")


@pytest.mark.parametrize(
    ("path", "python", "told"), [("/nowhere", "", "make PYTHON="), ("/nowhere", "/x", "/x is not")]
)
def test_without_one_it_says_what_to_do(path: str, python: str, told: str) -> None:
    found = ask(path, python)
    assert found.returncode == 2
    assert told in found.stderr

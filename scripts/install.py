"""Puts the locked Python packages into .venv: `python -m scripts.install runtime|dev|node`.

Runs on any Python 3.11 or newer, before anything is installed. What is already there is left alone.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from scripts.console import ROOT, GiveUp, end_with, run, step

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CACHE = ROOT / ".cache"
STAMP = VENV / "installed.json"
# The development lock holds every package of the runtime lock at the same version.
LOCKS = {
    "runtime": ("requirements.lock",),
    "dev": ("requirements-dev.lock", "requirements.lock"),
    "node": ("requirements-node.lock",),
}


def main(profile: str) -> None:
    with alone():
        ensure_venv()
        install(profile)


@contextmanager
def alone() -> Generator[None, None, None]:
    """Two installations at once would spoil each other's."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_venv() -> None:
    if works():
        return
    with step(f"Making .venv with Python {sys.version.split()[0]}"):
        ensure_pip_can_be_had()
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def works() -> bool:
    """Whether .venv runs: its Python may have been removed or the folder moved since."""
    command = [str(PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return PYTHON.exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0


def ensure_pip_can_be_had() -> None:
    """Debian and Ubuntu keep what `venv` needs in a package of its own."""
    if has_ensurepip():
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt_install(package)
    if not has_ensurepip():
        raise GiveUp(
            f"Python at {sys.executable} can't make virtual environments: its module ensurepip is missing.\n"
            f"On Debian and Ubuntu this adds it: sudo apt-get install {package}\n"
            "Or name another Python: make PYTHON=/path/to/python3.12"
        )


def has_ensurepip() -> bool:
    # Asked in a new process, since this one may remember that there was none.
    command = [sys.executable, "-c", "import ensurepip"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def apt_install(*packages: str) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update"], env=env)
    run(["apt-get", "install", "-y", "--no-install-recommends", *packages], env=env)


def install(profile: str) -> None:
    wanted = {name: digest(ROOT / name) for name in LOCKS[profile]}
    known = installed()
    if wanted.items() <= known.items():
        return
    with step(f"Installing Python packages from {LOCKS[profile][0]}"):
        pip("--require-hashes", "--requirement", str(ROOT / LOCKS[profile][0]))
    STAMP.write_text(json.dumps(known | wanted, indent=1))


def pip(*arguments: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    run([str(PYTHON), "-m", "pip", "install", *quiet, *arguments])


def installed() -> dict[str, str]:
    """The digests of the locks whose packages are in .venv."""
    return json.loads(STAMP.read_text()) if STAMP.exists() else {}


def digest(*files: Path) -> str:
    """One digest of the names and contents of all files."""
    sums = [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n" for file in files]
    return hashlib.sha256("".join(sums).encode()).hexdigest()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except GiveUp as error:
        end_with(error)

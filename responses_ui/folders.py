"""Temporary folders that outlive their process only until the next one of their kind is made."""

import os
import shutil
import tempfile
from pathlib import Path

LONGEST = 60


def temporary_folder(kind: str) -> Path:
    """A new private folder, whose path leaves room for a socket's name: systems allow some 100 bytes."""
    usual = tempfile.gettempdir()
    parent = Path(usual if len(os.fsencode(usual)) <= LONGEST else "/tmp")  # noqa: S108
    remove_leftovers(parent, kind)
    return Path(tempfile.mkdtemp(prefix=f"rui-{kind}-{os.getpid()}-", dir=parent))


def remove_leftovers(parent: Path, kind: str) -> None:
    """Those of processes that were killed before they could clean up."""
    for folder in parent.glob(f"rui-{kind}-*-*"):
        owner = folder.name.split("-")[-2]
        if owner.isdigit() and not is_alive(int(owner)) and folder.lstat().st_uid == os.geteuid():
            shutil.rmtree(folder, ignore_errors=True)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

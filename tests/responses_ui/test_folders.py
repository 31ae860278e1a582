import os
import stat
import subprocess
from pathlib import Path

import pytest

from responses_ui import folders


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(folders, "LONGEST", len(str(tmp_path)))
    return tmp_path


def pid_of_the_dead() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_temporary_folder_is_private(parent: Path) -> None:
    made = folders.temporary_folder("test")
    assert made.parent == parent
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_the_folder_of_a_killed_process_goes_with_the_next_of_its_kind(parent: Path) -> None:
    left = parent / f"rui-test-{pid_of_the_dead()}-x_1"
    (left / "full").mkdir(parents=True)
    folders.temporary_folder("test")
    assert not left.exists()


def test_folders_of_the_living_and_of_other_kinds_stay(parent: Path) -> None:
    alive, other = parent / f"rui-test-{os.getpid()}-x", parent / f"rui-pg-{pid_of_the_dead()}-x"
    alive.mkdir()
    other.mkdir()
    folders.temporary_folder("test")
    assert alive.exists()
    assert other.exists()


def test_where_temporary_folders_have_long_names_another_place_is_taken(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "LONGEST", len(str(parent)) - 1)
    made = folders.temporary_folder("test")
    assert made.parent == Path("/tmp")
    made.rmdir()

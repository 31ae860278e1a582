import json
import shutil
from pathlib import Path

import pytest

from scripts import install
from scripts.console import GiveUp


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """An empty checkout with lock files, and what pip was asked for in it."""
    asked: list[tuple[str, ...]] = []
    for name in {name for names in install.LOCKS.values() for name in names}:
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(install, "pip", lambda *arguments: asked.append(arguments))
    return asked


def test_packages_are_installed_by_hash_and_once(checkout: list[tuple[str, ...]]) -> None:
    install.install("runtime")
    install.install("runtime")
    assert len(checkout) == 1
    assert "--require-hashes" in checkout[0]


def test_a_changed_lock_is_installed_again(checkout: list[tuple[str, ...]], tmp_path: Path) -> None:
    install.install("runtime")
    (tmp_path / "requirements.lock").write_text("changed")
    install.install("runtime")
    assert len(checkout) == 2


def test_the_development_lock_holds_the_runtime_lock(checkout: list[tuple[str, ...]]) -> None:
    install.install("dev")
    install.install("runtime")
    assert [call[-1].rpartition("/")[2] for call in checkout] == ["requirements-dev.lock"]


def test_a_lock_that_could_not_be_installed_is_tried_again(
    checkout: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> None:
        raise GiveUp("no network")

    with monkeypatch.context() as patch:
        patch.setattr(install, "pip", refuse)
        with pytest.raises(GiveUp):
            install.install("runtime")
    install.install("runtime")
    assert len(checkout) == 1


def test_names_and_contents_make_a_digest(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("same")
    other.write_text("same")
    assert install.digest(one) != install.digest(other)
    before = install.digest(one, other)
    other.write_text("changed")
    assert install.digest(one, other) != before


def test_a_python_without_ensurepip_is_told_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "has_ensurepip", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(GiveUp, match=r"sudo apt-get install python3\.\d+-venv"):
        install.ensure_pip_can_be_had()


def test_the_stamp_is_plain_json(checkout: list[tuple[str, ...]]) -> None:
    install.install("node")
    assert set(json.loads(install.STAMP.read_text())) == {"requirements-node.lock"}

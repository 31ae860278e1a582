"""Holds what the layout promises: imports run down only, each door has one user, files stay small."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from responses_ui.env import ROOT

# From the top of the house to its foundation; a room imports rooms below it and none of its own floor.
FLOORS = (
    {"pages", "admin", "api", "demo"},
    {"chat", "retention"},
    {"tools"},
    {"stored"},
    {"people"},
    {"responses_api"},
    {"models"},
)
FLOOR_OF = {room: number for number, floor in enumerate(FLOORS) for room in floor}
# Stands outside the house: a program of its own that talks to the product over HTTP only.
APART = "emulator"
ONE_DOOR = {
    "openai": "responses_api",
    "azure": "responses_api",
    "playwright": "tools",
}
MOST_LINES = 400
OURS = ("conversations", "responses_ui", "scripts", "tests", "benchmarks")
MODULES = sorted(file for folder in OURS for file in (ROOT / folder).rglob("*.py"))
WRITTEN = [file for file in MODULES if file.parent.name != "migrations"]  # those are generated
# What the build makes lies in dist.
SCRIPTS = sorted(file for file in (ROOT / "static").rglob("*.js") if "dist" not in file.parts)
PRODUCT = [file for file in MODULES if file.is_relative_to(ROOT / "conversations")]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock", "package-lock.json")


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def room_of(file: Path) -> str:
    """The folder of the app that a file is in; empty for a file that lies beside the rooms."""
    inside = file.relative_to(ROOT / "conversations").parts
    return inside[0] if len(inside) > 1 else ""


@cache
def imports(file: Path) -> frozenset[str]:
    """Every module that is imported anywhere in the file, functions included, by its dotted name."""
    return frozenset(imported(ast.parse(file.read_text())))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which way an import runs"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(file: Path) -> set[str]:
    parts = [name.split(".") for name in imports(file)]
    return {part[1] for part in parts if part[0] == "conversations" and len(part) > 1}


@pytest.mark.parametrize("file", [file for file in PRODUCT if room_of(file) in FLOOR_OF], ids=name_of)
def test_imports_run_down_only(file: Path) -> None:
    own = room_of(file)
    others = {room for room in rooms_imported(file) if room in FLOOR_OF and room != own}
    assert not {room for room in others if FLOOR_OF[room] <= FLOOR_OF[own]}


@pytest.mark.parametrize("file", [file for file in PRODUCT if room_of(file) == "admin"], ids=name_of)
def test_the_desk_does_not_know_the_chat(file: Path) -> None:
    assert "chat" not in rooms_imported(file)


def test_the_door_and_the_rows_know_no_room() -> None:
    for file in PRODUCT:
        if room_of(file) in ("responses_api", "models"):
            assert not rooms_imported(file) & set(FLOOR_OF) - {room_of(file)}, name_of(file)


def test_nothing_imports_the_emulator() -> None:
    outside = [file for file in MODULES if not file.is_relative_to(ROOT / "conversations" / APART)]
    product = [file for file in outside if not file.is_relative_to(ROOT / "tests" / APART)]
    assert not [name_of(file) for file in product if APART in rooms_imported(file)]


def test_the_emulator_imports_nothing_of_the_project() -> None:
    for file in PRODUCT:
        if room_of(file) == APART:
            ours = {name for name in imports(file) if name.partition(".")[0] in OURS}
            assert not {name for name in ours if not name.startswith(f"conversations.{APART}")}, name_of(file)


@pytest.mark.parametrize(("library", "room"), ONE_DOOR.items())
def test_a_library_has_one_door(library: str, room: str) -> None:
    for file in [*PRODUCT, *sorted((ROOT / "responses_ui").rglob("*.py"))]:
        uses = {name for name in imports(file) if name.partition(".")[0] == library}
        assert not uses or (file in PRODUCT and room_of(file) == room), name_of(file)


def test_playwright_is_imported_by_nobody_at_the_start() -> None:
    own = ROOT / "conversations" / "tools" / "browser"
    heavy = {f"conversations.tools.browser.{file.stem}" for file in own.glob("*.py") if uses_playwright(file)}
    allowed = {own / f"{name.rpartition('.')[2]}.py" for name in heavy}
    for file in PRODUCT:
        names = {name if name in heavy else name.rpartition(".")[0] for name in imports(file)}
        assert file in allowed or not names & heavy, name_of(file)
    assert heavy


def uses_playwright(file: Path) -> bool:
    return any(name.startswith("playwright.") for name in imports(file))


def test_every_room_has_a_floor() -> None:
    beside = {"management", "migrations", APART}
    rooms = {file.parent.name for file in (ROOT / "conversations").glob("*/__init__.py")}
    assert rooms <= set(FLOOR_OF) | beside


@pytest.mark.parametrize("file", [*WRITTEN, *SCRIPTS], ids=name_of)
def test_no_module_is_long(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_registry(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    addresses = [line for line in lines if "://" in line and '"url": "' not in line]
    assert not addresses
    assert not [line for line in lines if '"resolved"' in line or "--index-url" in line]

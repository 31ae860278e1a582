"""What the documents list is what there is."""

import ast
import re
from collections.abc import Iterator

from conversations.chat.transcript import RULES
from conversations.models.audit import Action
from responses_ui.env import ROOT

PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
REFUSERS = {"Refusal": 0, "refusal": 0, "_refuse": 1}


def refusal_codes() -> Iterator[str]:
    """The codes that the product refuses with, read from the calls."""
    for file in (ROOT / "conversations").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield from code_of(node)


def code_of(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    place = REFUSERS.get(name)
    if place is not None and len(call.args) > place:
        argument = call.args[place]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def test_the_protocol_names_every_code_that_something_is_refused_with() -> None:
    codes = set(refusal_codes())
    assert len(codes) > 20
    assert [code for code in sorted(codes) if f"`{code}`" not in PROTOCOL] == []


def test_the_protocol_has_every_rule_of_the_reducer() -> None:
    told = PROTOCOL.replace("`.", "`response.")
    missing = [kind for kind in RULES if kind.rsplit(".", 1)[0].removesuffix("_part") not in told]
    assert missing == []


def test_every_picture_is_there_and_shown() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {page.parent / path for page in pages for path in re.findall(r"[\w/.-]+\.png", page.read_text())}
    assert shown == {*(ROOT / "docs" / "screenshots").glob("*.png")}


def test_the_page_on_the_audit_trail_names_every_action() -> None:
    text = (ROOT / "docs" / "audit.md").read_text()
    assert [action for action in Action.values if f"`{action}`" not in text] == []

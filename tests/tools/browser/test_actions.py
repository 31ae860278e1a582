"""The JSON of a computer call, of both shapes, becomes actions or a clear complaint."""

from typing import Any

import pytest

from conversations.tools.browser import (
    Action,
    BadAction,
    Click,
    DoubleClick,
    Drag,
    Keypress,
    Move,
    Point,
    Screenshot,
    Scroll,
    Type,
    Wait,
    action_of,
    actions_of,
)
from conversations.tools.browser.keys import key_names

AT = Point(3, 4)


@pytest.mark.parametrize(
    ("data", "action"),
    [
        ({"type": "click", "x": 3, "y": 4, "button": "left"}, Click(AT)),
        ({"type": "click", "x": 3, "y": 4, "button": "wheel", "keys": ["ALT"]}, Click(AT, "wheel", ("ALT",))),
        ({"type": "click", "x": 3, "y": 4, "keys": None}, Click(AT)),
        ({"type": "double_click", "x": 3, "y": 4}, DoubleClick(AT)),
        ({"type": "drag", "path": [{"x": 3, "y": 4}, {"x": 5, "y": 6}]}, Drag((AT, Point(5, 6)))),
        ({"type": "keypress", "keys": ["CTRL", "A"]}, Keypress(("CTRL", "A"))),
        ({"type": "move", "x": 2.6, "y": 4}, Move(AT)),
        ({"type": "screenshot"}, Screenshot()),
        ({"type": "scroll", "x": 3, "y": 4, "scroll_x": 0, "scroll_y": -70}, Scroll(AT, Point(0, -70))),
        ({"type": "type", "text": "für\n"}, Type("für\n")),
        ({"type": "wait"}, Wait(1_000)),
        ({"type": "wait", "ms": 10**6}, Wait(30_000)),
    ],
)
def test_each_action_is_read(data: dict[str, Any], action: Action) -> None:
    assert action_of(data) == action


def test_a_call_of_the_preview_has_one_action() -> None:
    assert actions_of({"type": "computer_call", "action": {"type": "screenshot"}}) == (Screenshot(),)


def test_a_call_of_the_current_tool_has_a_batch_in_order() -> None:
    batch = [{"type": "click", "x": 3, "y": 4}, {"type": "type", "text": "tea"}]
    assert actions_of({"type": "computer_call", "action": None, "actions": batch}) == (Click(AT), Type("tea"))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (None, "object"),
        ({}, "no action None"),
        ({"type": "fly"}, "no action 'fly'; there are click"),
        ({"type": "click", "x": "3", "y": 4}, "click: x must be a number, not '3'"),
        ({"type": "click", "x": True, "y": 4}, "x must be a number"),
        ({"type": "move", "x": 3}, "move: y must be a number, not None"),
        ({"type": "move", "x": 3, "y": float("nan")}, "y must be a number"),
        ({"type": "click", "x": 3, "y": 4, "button": "fourth"}, "no button 'fourth'"),
        ({"type": "drag", "path": [{"x": 3, "y": 4}]}, "2 to 1000 points"),
        ({"type": "drag", "path": [3, 4]}, "each point"),
        ({"type": "drag", "path": [{"x": 3, "y": 4}, {"x": 5}]}, "drag: y must be a number"),
        ({"type": "keypress", "keys": []}, "at least one key"),
        ({"type": "keypress", "keys": "CTRL"}, "a list"),
        ({"type": "keypress", "keys": [3]}, "names of keys"),
        ({"type": "type"}, "text must be a text"),
    ],
)
def test_what_is_no_action_is_told(data: Any, complaint: str) -> None:
    with pytest.raises(BadAction, match=complaint):
        action_of(data)


@pytest.mark.parametrize("call", [{}, {"action": None, "actions": []}, {"actions": "click"}])
def test_a_call_without_any_action_is_told(call: dict[str, Any]) -> None:
    with pytest.raises(BadAction, match="neither an action nor a list"):
        actions_of(call)


def test_a_batch_has_an_end() -> None:
    with pytest.raises(BadAction, match="101 actions"):
        actions_of({"actions": [{"type": "screenshot"}] * 101})


@pytest.mark.parametrize(
    ("names", "playwrights"),
    [
        (("CTRL", "a"), ["Control", "a"]),
        (("ctrl+shift+T",), ["Control", "Shift", "T"]),
        (("+",), ["+"]),
        (("PgUp", "F5"), ["PageUp", "F5"]),
    ],
)
def test_names_of_keys_become_playwrights(names: tuple[str, ...], playwrights: list[str]) -> None:
    assert key_names(names) == playwrights

"""What a model may want done in a browser: plain values, read from the JSON of a `computer_call`.

A call of `computer_use_preview` has one `action`; one of `computer` has a batch, `actions`. What they hold is
the same. `middle` and `ms` stand in no type of the API, but models have sent them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BUTTONS = ("left", "right", "middle", "wheel", "back", "forward")
MOST_ACTIONS = 100
MOST_POINTS = 1_000
MOST_KEYS = 20
MOST_TEXT = 20_000
MOST_WAIT_MS = 30_000
WAIT_MS = 1_000
# Far beyond any screen; keeps nonsense out of what Chromium is told.
FURTHEST = 1_000_000


class BadAction(ValueError):
    """What the model sent is no action; the text says what is wrong with it."""


@dataclass(frozen=True)
class Point:
    x: int
    y: int


@dataclass(frozen=True)
class Click:
    at: Point
    button: str = "left"
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class DoubleClick:
    at: Point
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drag:
    path: tuple[Point, ...]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Move:
    at: Point
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scroll:
    at: Point
    by: Point
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Keypress:
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Type:
    text: str


@dataclass(frozen=True)
class Wait:
    ms: int = WAIT_MS


@dataclass(frozen=True)
class Screenshot:
    pass


Action = Click | DoubleClick | Drag | Move | Scroll | Keypress | Type | Wait | Screenshot


def actions_of(call: dict[str, Any]) -> tuple[Action, ...]:
    """Those of a `computer_call`, in either shape, in order."""
    if call.get("action") is not None:
        return (action_of(call["action"]),)
    batch = call.get("actions")
    if not isinstance(batch, list) or not batch:
        raise BadAction("The call has neither an action nor a list of actions.")
    if len(batch) > MOST_ACTIONS:
        raise BadAction(f"The call has {len(batch)} actions; at most {MOST_ACTIONS} are carried out.")
    return tuple(action_of(each) for each in batch)


def action_of(data: Any) -> Action:
    if not isinstance(data, dict):
        raise BadAction("An action must be an object.")
    kind = data.get("type")
    if not isinstance(kind, str) or kind not in READERS:
        raise BadAction(f"There is no action {kind!r}; there are {', '.join(READERS)}.")
    return READERS[kind](data)


def _click(data: dict[str, Any]) -> Click:
    button = data.get("button") or "left"
    if button not in BUTTONS:
        raise BadAction(f"click: there is no button {button!r}; there are {', '.join(BUTTONS)}.")
    return Click(_at(data), button, _held(data))


def _drag(data: dict[str, Any]) -> Drag:
    path = data.get("path")
    if not isinstance(path, list) or not 2 <= len(path) <= MOST_POINTS:
        raise BadAction(f"drag: path must have 2 to {MOST_POINTS} points.")
    if not all(isinstance(each, dict) for each in path):
        raise BadAction("drag: each point of the path must be an object with x and y.")
    return Drag(tuple(_at(each | {"type": "drag"}) for each in path), _held(data))


def _scroll(data: dict[str, Any]) -> Scroll:
    by = Point(_number(data, "scroll_x", 0), _number(data, "scroll_y", 0))
    return Scroll(_at(data), by, _held(data))


def _keypress(data: dict[str, Any]) -> Keypress:
    keys = _held(data)
    if not keys:
        raise BadAction("keypress: keys must name at least one key.")
    return Keypress(keys)


def _type(data: dict[str, Any]) -> Type:
    text = data.get("text")
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        raise BadAction(f"type: text must be a text of at most {MOST_TEXT:,} characters.")
    return Type(text)


def _wait(data: dict[str, Any]) -> Wait:
    return Wait(max(0, min(_number(data, "ms", WAIT_MS), MOST_WAIT_MS)))


def _at(data: dict[str, Any]) -> Point:
    return Point(_number(data, "x"), _number(data, "y"))


def _number(data: dict[str, Any], name: str, default: int | None = None) -> int:
    value = data.get(name)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= FURTHEST:
        raise BadAction(f"{data['type']}: {name} must be a number, not {value!r}.")
    return round(value)


def _held(data: dict[str, Any]) -> tuple[str, ...]:
    keys = data.get("keys")
    keys = [] if keys is None else keys
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise BadAction(f"{data['type']}: keys must be a list of at most {MOST_KEYS} names.")
    if not all(isinstance(key, str) and key for key in keys):
        raise BadAction(f"{data['type']}: keys must be names of keys.")
    return tuple(keys)


READERS: dict[str, Callable[[dict[str, Any]], Action]] = {
    "click": _click,
    "double_click": lambda data: DoubleClick(_at(data), _held(data)),
    "drag": _drag,
    "move": lambda data: Move(_at(data), _held(data)),
    "scroll": _scroll,
    "keypress": _keypress,
    "type": _type,
    "wait": _wait,
    "screenshot": lambda _data: Screenshot(),
}

"""JSON as upstream sends it: fast where it is sound, forgiving where it is not."""

import json
from typing import Any

import orjson

from conversations.responses_api.text import repair

# How NUL is spelled in JSON. A hit may be an escaped backslash before plain text: `repair` decides.
_NUL = b"\\u0000"


class Malformed(ValueError):
    """Not JSON by any reading."""


def loads(data: bytes) -> tuple[Any, int]:
    """The value and how many characters had to be repaired in it."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return mended(loads_loosely(data))
    return mended(value) if _NUL in data else (value, 0)


def loads_loosely(data: bytes) -> Any:
    """With the standard library, which reads the lone surrogates that orjson refuses. Unrepaired."""
    try:
        return json.loads(data.decode("utf-8", "replace"), parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from None


def mended(value: Any) -> tuple[Any, int]:
    try:
        return repair(value)
    except RecursionError:
        raise Malformed("nested too deeply") from None


def dumps(value: Any) -> bytes:
    """A request's body; what no server could read in it is repaired first."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(repair(value)[0])

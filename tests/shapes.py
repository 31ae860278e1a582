"""Items and events of every type that the SDK knows, made from its types, and spoilt."""

import inspect
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseItem, ResponseOutputItem, ResponseStreamEvent
from pydantic import BaseModel

Json = dict[str, Any]
Shapes = st.SearchStrategy[Any]

SOME = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = st.text(max_size=6)
NUMBERS = st.integers(-3, 2_000)
SCALARS = st.none() | st.booleans() | NUMBERS | WORDS | st.floats(-5, 5, width=16)
# What a field may be that isn't of its type.
ODD = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2)
)
PLAIN: dict[Any, Shapes] = {
    str: WORDS
    | st.sampled_from(["https://site.test/page", "attachment:" + "a" * 64, "javascript:alert(1)", "{"]),
    int: NUMBERS,
    float: st.floats(-5, 5, width=16),
    bool: st.booleans(),
    NoneType: st.none(),
    object: SCALARS,
    Any: SCALARS,
}


@cache
def shape(kind: Any) -> Shapes:
    """What the SDK's type allows."""
    if kind in PLAIN:
        return PLAIN[kind]
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        return st.deferred(lambda: _model(kind))
    return _composed(get_origin(kind), get_args(kind))


def _composed(origin: Any, inner: tuple[Any, ...]) -> Shapes:
    if origin is Annotated:
        return shape(inner[0])
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is list:
        return st.lists(shape(inner[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(WORDS, shape(inner[1]), max_size=2)
    # A union, written either way.
    return st.one_of(*(shape(each) for each in inner))


def _model(kind: type[BaseModel]) -> Shapes:
    kinds: dict[str, Any] = {
        field.alias or name: field.annotation for name, field in kind.model_fields.items()
    }
    fields = {name: shape(inner) for name, inner in kinds.items()}
    named = {name: fields.pop(name) for name in ("type",) if name in fields}
    return st.fixed_dictionaries(named, optional=fields)


def spoilt(whole: Shapes) -> Shapes:
    """With some of its fields, or of those within, of another type; its own type is kept."""

    @st.composite
    def draw(choose: st.DrawFn) -> Any:
        made = choose(whole)
        for _ in range(choose(st.integers(0, 3))):
            _spoil(made, choose)
        return made

    return draw()


def _spoil(value: Any, choose: st.DrawFn) -> None:
    """One field somewhere in it."""
    while isinstance(value, dict | list) and value:
        keys = [key for key in value if key != "type"] if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = choose(st.sampled_from(keys))
        if not isinstance(value[key], dict | list) or choose(st.booleans()):
            value[key] = choose(ODD)
            return
        value = value[key]


def members(union: Any) -> tuple[Any, ...]:
    """The types of a union that is written as an annotated alias."""
    inner = get_args(union)[0] if get_origin(union) is Annotated else union
    return get_args(inner) if get_origin(inner) is Union else (inner,)


KNOWN = [
    spoilt(shape(kind)) for kind in dict.fromkeys((*members(ResponseOutputItem), *members(ResponseItem)))
]
UNKNOWN = st.fixed_dictionaries(
    {"type": WORDS}, optional={"content": ODD, "status": ODD, "x": ODD, "summary": ODD}
)
ITEMS = st.one_of(*KNOWN, UNKNOWN)
RESPONSES = spoilt(shape(Response))
ENDS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["response.completed", "response.incomplete", "response.failed"]),
        "response": st.fixed_dictionaries({"output": st.lists(ITEMS | ODD, max_size=3)}) | RESPONSES | ODD,
    }
)

PLACE = st.fixed_dictionaries(
    {},
    optional={name: st.integers(-1, 3) | ODD for name in ("output_index", "content_index", "summary_index")},
)


@st.composite
def events(choose: st.DrawFn, *, most: int = 12) -> list[Json]:
    """A stream of any of them, numbered as upstream numbers them."""
    kinds = [shape(kind) for kind in members(ResponseStreamEvent)]
    made = choose(st.lists(st.one_of(*(spoilt(kind) for kind in kinds), ENDS), max_size=most))
    return [event | choose(PLACE) | {"sequence_number": number} for number, event in enumerate(made)]

"""What people choose beside the words, for a conversation or for one message of it.

clean({"temperature": 0.5, "verbosity": "low"})
parameters({"temperature": 0.5, "verbosity": "low"}) == {"temperature": 0.5, "text": {"verbosity": "low"}}
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from conversations.chat.refusals import Refusal

Choices = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """What a value may be, in words and as a check."""

    fits: Callable[[Any], bool]
    wanted: str


def number(low: float, high: float) -> Kind:
    def fits(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return Kind(fits, f"a number from {low:g} to {high:g}")


def whole(low: int, high: int) -> Kind:
    def fits(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return Kind(fits, f"a whole number from {low} to {high}")


def one_of(*values: str) -> Kind:
    return Kind(lambda value: value in values, ", ".join(values))


switch = Kind(lambda value: isinstance(value, bool), "true or false")


@dataclass(frozen=True)
class Choice:
    """`path` leads to the parameter of the API's request; without one the choice is for us alone."""

    kind: Kind
    path: tuple[str, ...] = ()


CHOICES = {
    "temperature": Choice(number(0, 2), ("temperature",)),
    "top_p": Choice(number(0, 1), ("top_p",)),
    "max_output_tokens": Choice(whole(16, 10_000_000), ("max_output_tokens",)),
    "truncation": Choice(one_of("disabled", "auto"), ("truncation",)),
    "verbosity": Choice(one_of("low", "medium", "high"), ("text", "verbosity")),
    "effort": Choice(
        one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"), ("reasoning", "effort")
    ),
    "summary": Choice(one_of("auto", "concise", "detailed"), ("reasoning", "summary")),
    "parallel_tool_calls": Choice(switch, ("parallel_tool_calls",)),
}


def clean(asked: Any) -> Choices:
    """The choices that were made; null means that it is left to the API. Raises Refusal."""
    if asked is None:
        return {}
    if not isinstance(asked, dict):
        raise Refusal("bad_choice", _("Choices are an object, by name."))
    made = {name: value for name, value in asked.items() if value is not None}
    for name, value in made.items():
        _check(name, value)
    return made


def _check(name: str, value: Any) -> None:
    if name not in CHOICES:
        known = {"name": name, "known": ", ".join(CHOICES)}
        raise Refusal("bad_choice", _("There is no choice “%(name)s”. Known ones are %(known)s.") % known)
    if not CHOICES[name].kind.fits(value):
        told = {"name": name, "wanted": CHOICES[name].kind.wanted}
        raise Refusal("bad_choice", _("“%(name)s” must be %(wanted)s.") % told)


def parameters(chosen: Choices) -> dict[str, Any]:
    """The part of the request that they make."""
    body: dict[str, Any] = {}
    for name, value in chosen.items():
        *way, last = CHOICES[name].path or ("",)
        at = body
        for step in way:
            at = at.setdefault(step, {})
        if last:
            at[last] = value
    return body

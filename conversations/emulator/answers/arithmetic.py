"""Sums, since people try them first."""

import operator
import re
from collections.abc import Callable

from conversations.emulator.answers.draft import Draft
from conversations.emulator.answers.talk import Talk

TIMES, MINUS, BY = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}", "\N{DIVISION SIGN}"
NUMBER = r"(-?\d{1,12}(?:\.\d+)?)"
SUM = re.compile(rf"(?<![\w.]){NUMBER}\s*([-+*/x{TIMES}{BY}])\s*{NUMBER}(?![\w.-])")
SIGNS: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "+": ("+", operator.add),
    "-": (MINUS, operator.sub),
    "*": (TIMES, operator.mul),
    "x": (TIMES, operator.mul),
    TIMES: (TIMES, operator.mul),
    "/": (BY, operator.truediv),
    BY: (BY, operator.truediv),
}


def result(talk: Talk) -> Draft | None:
    """The worked sum, if a short question holds one."""
    found = SUM.search(talk.question) if len(talk.question) < 60 else None
    if found is None:
        return None
    sign, apply = SIGNS[found[2]]
    left, right = _number(found[1]), _number(found[3])
    if sign == BY and not right:
        return Draft("Nothing can be divided by zero, so this has no answer.")
    return Draft(f"{found[1]} {sign} {found[3]} = **{_shown(apply(left, right))}**")


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6f}".rstrip("0").rstrip(".")

"""Arithmetic, without ever evaluating code."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Annotated

from django.utils.translation import gettext_lazy as _

from conversations.tools.registry import ToolError, tool

Number = int | float

LONGEST = 300
MOST_BITS = 2_000


def _power(base: Number, exponent: Number) -> Number:
    """Judged before it is raised: nine to the nine to the nine would keep a processor for good."""
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > MOST_BITS:
        raise ToolError("That number is too large.")
    raised: Number | complex = base**exponent
    if isinstance(raised, complex):
        raise ToolError("That is not a real number.")
    return raised


BEFORE: dict[type[ast.unaryop], Callable[[Number], Number]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
BETWEEN: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
FUNCTIONS: dict[str, Callable[..., Number]] = {
    **{name: getattr(math, name) for name in ("sqrt", "exp", "log", "log10", "sin", "cos", "tan")},
    **{function.__name__: function for function in (math.floor, math.ceil, abs, round, min, max)},
}
CONSTANTS = {"pi": math.pi, "e": math.e}


@tool(title=_("Calculator"), repeatable=True, seconds=5)
def calculate(
    expression: Annotated[str, "Such as (3 + 4) * 2 ** 5, or sqrt(2) * pi. Angles are in radians."],
) -> str:
    """Work out an arithmetic expression exactly. Knows + - * / // % **, sqrt, exp, log, log10, sin, cos, tan,
    floor, ceil, abs, round, min, max, pi and e.
    """
    if len(expression) > LONGEST:
        raise ToolError(f"An expression has at most {LONGEST} characters.")
    try:
        return str(_value(ast.parse(expression.strip(), mode="eval").body))
    except SyntaxError as error:
        raise ToolError(f"That is no arithmetic expression: {error.msg}.") from error
    except ZeroDivisionError as error:
        raise ToolError("Nothing can be divided by zero.") from error
    except (OverflowError, ValueError, TypeError) as error:
        raise ToolError(f"That can't be worked out: {error}.") from error


def _value(node: ast.expr) -> Number:
    value = _worked_out(node)
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise ToolError("That number is too large.")
    return value


def _worked_out(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.UnaryOp(op=sign, operand=inner) if type(sign) in BEFORE:
            return BEFORE[type(sign)](_value(inner))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in BETWEEN:
            return BETWEEN[type(sign)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*map(_value, arguments))
    raise ToolError(f"Only arithmetic is understood, not “{ast.unparse(node)}”.")

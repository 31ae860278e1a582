"""Tools: each is one typed Python function below `functions`, or a manual one whose output a person types.

    @tool(title=_("Time in a zone"))
    def current_time(zone: Annotated[str, "IANA name, such as Europe/Paris"]) -> str:
        '''The date and time now in a time zone.'''

The type hints become the schema that the model is sent, the docstring is what it is told about the tool. A
parameter of the type Context is not the model's: it tells the function who asks, and in which conversation.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_type_hints

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict, create_model

from conversations.models import Conversation, User
from conversations.tools.schemas import strict_schema

Function = TypeVar("Function", bound=Callable[..., Any])
Text = str | Promise

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
SECONDS = 20.0


class ToolError(Exception):
    """Raised by a tool that can't do what it was asked to; the model is told why."""


@dataclass(frozen=True)
class Context:
    """On whose behalf a tool works: it may see and do what that person may."""

    asker: User
    conversation: Conversation


@dataclass(frozen=True)
class Tool:
    """`run` is None for a manual one. A `repeatable` one may be run again when a worker died over it."""

    name: str
    title: Text
    description: str
    arguments: type[BaseModel]
    run: Callable[..., Any] | None
    context: str
    needs_approval: bool
    repeatable: bool
    seconds: float

    @property
    def is_manual(self) -> bool:
        return self.run is None

    @property
    def definition(self) -> dict[str, Any]:
        """As the API takes it."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": strict_schema(self.arguments),
            "strict": True,
        }


_registered: dict[str, Tool] = {}


def tool(
    *,
    title: Text,
    needs_approval: bool = False,
    repeatable: bool = False,
    seconds: float = SECONDS,
) -> Callable[[Function], Function]:
    """Registers a function. What changes anything asks for approval, unless a team decides otherwise."""

    def register(function: Function) -> Function:
        _add(function, function, title, needs_approval, repeatable, seconds)
        return function

    return register


def manual(*, title: Text) -> Callable[[Function], Function]:
    """Registers a tool by the signature of a function that is never called: a person types what it says."""

    def register(function: Function) -> Function:
        _add(function, None, title, False, False, SECONDS)
        return function

    return register


@cache
def tools() -> dict[str, Tool]:
    """All that there are, by name."""
    package = importlib.import_module("conversations.tools.functions")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_registered.items()))


def _add(
    function: Callable[..., Any],
    run: Callable[..., Any] | None,
    title: Text,
    needs_approval: bool,
    repeatable: bool,
    seconds: float,
) -> None:
    name, description = function.__name__, inspect.getdoc(function)
    if not NAME.fullmatch(name) or name in _registered:
        raise ValueError(f"{name!r} is no name for a tool, or another tool has it")
    if not description:
        raise ValueError(f"{name} has no docstring to tell the model what it is for")
    hints = get_type_hints(function, include_extras=True)
    hints.pop("return", None)
    context = next((key for key, hint in hints.items() if hint is Context), "")
    hints.pop(context, None)
    _registered[name] = Tool(
        name=name,
        title=title,
        description=" ".join(description.split()),
        arguments=_arguments(function, hints),
        run=run,
        context=context,
        needs_approval=needs_approval,
        repeatable=repeatable,
        seconds=seconds,
    )


def _arguments(function: Callable[..., Any], hints: dict[str, Any]) -> type[BaseModel]:
    """A model of the parameters. They have no defaults: a strict schema requires every one."""
    for key, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not parameter.empty:
            raise TypeError(f"{function.__name__}: {key} has a default; let its type allow None instead")
    fields: dict[str, Any] = {key: (hint, ...) for key, hint in hints.items()}
    return create_model(function.__name__, __config__=ConfigDict(extra="forbid", strict=True), **fields)

"""A tool is one typed function: what becomes of it for the model."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from conversations.tools import registry
from conversations.tools.carrying_out import carry_out
from conversations.tools.registry import Context, manual, tool
from responses_ui.env import ROOT


class Place(BaseModel):
    title: str
    floor: int | None


@pytest.fixture(autouse=True)
def registered_here_only() -> Iterator[None]:
    known = dict(registry._registered)
    yield
    registry._registered.clear()
    registry._registered.update(known)


def test_type_hints_become_a_strict_schema() -> None:
    @tool(title="Book")
    def book(
        place: Place, how: Annotated[Literal["day", "hour"], "By what it is booked"], context: Context
    ) -> str:
        """Book a place
        for a while.
        """
        return "booked"

    definition = registry._registered["book"].definition
    assert definition["description"] == "Book a place for a while."
    assert definition["strict"] is True
    parameters = definition["parameters"]
    assert parameters["required"] == ["place", "how"]
    assert parameters["properties"]["how"] == {
        "enum": ["day", "hour"],
        "type": "string",
        "description": "By what it is booked",
    }
    assert parameters["$defs"]["Place"] == {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "floor": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
        "required": ["title", "floor"],
        "additionalProperties": False,
    }
    assert parameters["additionalProperties"] is False


def test_a_default_is_refused_since_a_strict_schema_has_none() -> None:
    with pytest.raises(TypeError, match="default"):

        @tool(title="Wait")
        def wait(seconds: int = 3) -> str:
            """Wait."""
            return ""


def test_a_tool_needs_a_docstring_and_a_name_of_its_own() -> None:
    with pytest.raises(ValueError, match="docstring"):

        @tool(title="Silent")
        def silent() -> str:
            return ""

    @manual(title="Ask")
    def ask_somebody(question: str) -> str:
        """Ask somebody."""
        raise NotImplementedError

    assert registry._registered["ask_somebody"].is_manual
    with pytest.raises(ValueError, match="another tool"):
        manual(title="Again")(ask_somebody)


def test_these_are_shipped() -> None:
    assert set(registry.tools()) == {
        "ask_for_weather",
        "calculate",
        "current_time",
        "get_weather",
        "search_conversations",
    }


def test_the_tool_in_the_documentation_is_one() -> None:
    [code] = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "tools.md").read_text(), re.DOTALL)
    exec(code, {"__name__": "documented"})  # noqa: S102 (our own page)
    booked = registry._registered["book_room"]
    assert (booked.needs_approval, booked.context) == (True, "context")
    nobody: Any = None
    refused = carry_out(booked, '{"room": "2.14", "hours": 9, "purpose": null}', nobody)
    assert refused.output == '{"error":"A room is booked for at most 8 hours."}'

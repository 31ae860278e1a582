"""Whatever a tool does, the model gets an output that it can read."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from conversations.models import Conversation, User
from conversations.models.tool_calls import CallState
from conversations.tools import carrying_out, registry
from conversations.tools.carrying_out import carry_out, in_time
from conversations.tools.registry import Context, Tool

pytestmark = pytest.mark.django_db


@pytest.fixture
def context(alice: User, conversation: Conversation) -> Context:
    return Context(alice, conversation)


def like_the_calculator(run: Any, seconds: float = 5) -> Tool:
    return replace(registry.tools()["calculate"], name="test", run=run, seconds=seconds)


def calculate(expression: str, context: Context) -> carrying_out.Outcome:
    return carry_out(registry.tools()["calculate"], json.dumps({"expression": expression}), context)


def error_of(outcome: carrying_out.Outcome) -> str:
    assert outcome.state in (CallState.FAILED, CallState.TIMED_OUT)
    return str(json.loads(outcome.output)["error"])


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("6 * 7", "42"),
        ("(3 + 4) * 2 ** 5 - 1", "223"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("-7 // 2", "-4"),
        ("sqrt(16) + max(1, 2)", "6.0"),
        ("2 ** 100", str(2**100)),
    ],
)
def test_sums_are_worked_out(context: Context, expression: str, result: str) -> None:
    assert calculate(expression, context) == carrying_out.Outcome(CallState.DONE, result)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("9 ** 9 ** 9", "too large"),
        ("1 / 0", "divided by zero"),
        ("__import__('os').getpid()", "Only arithmetic"),
        ("(-8) ** 0.5", "real number"),
        ("'a' * 3", "Only arithmetic"),
        ("1 +", "no arithmetic expression"),
        ("9" * 301, "300 characters"),
        ("log(-1)", "can't be worked out"),
        ("(" * 250, "no arithmetic expression"),
    ],
)
def test_what_is_no_sum_is_told_to_the_model(context: Context, expression: str, why: str) -> None:
    assert why in error_of(calculate(expression, context))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("{", "JSON"),
        ("{}", "expression: Field required"),
        ('{"expression": 3}', "expression: Input should be a valid string"),
        ('{"expression": "1", "more": 2}', "more: Extra inputs"),
    ],
)
def test_arguments_that_dont_fit_are_told_by_name(context: Context, arguments: str, why: str) -> None:
    assert why in error_of(carry_out(registry.tools()["calculate"], arguments, context))


def test_of_a_tool_that_raises_the_model_learns_the_kind_only(context: Context) -> None:
    def burst(expression: str) -> str:
        raise ZeroDivisionError("secret-of-the-machine")

    assert error_of(carry_out(like_the_calculator(burst), '{"expression": "1"}', context)) == (
        "The tool failed (ZeroDivisionError)."
    )


def test_ten_megabytes_are_not_passed_on(context: Context, settings: Settings) -> None:
    outcome = carry_out(like_the_calculator(lambda **_: "x" * 10**7), '{"expression": "1"}', context)
    assert "10,000,000 bytes" in error_of(outcome)


def test_one_that_hangs_is_left_behind_and_in_the_end_not_run_any_more(context: Context) -> None:
    ending = threading.Event()
    hanging = like_the_calculator(lambda **_: ending.wait(), seconds=0.01)

    async def call_it() -> list[carrying_out.Outcome]:
        times = range(carrying_out.MOST_HANGING + 1)
        try:
            return [await in_time(hanging, '{"expression": "1"}', context) for _ in times]
        finally:
            ending.set()
            for thread in carrying_out._hanging["test"]:
                await asyncio.to_thread(thread.join)

    *before, last = asyncio.run(call_it())
    assert {outcome.state for outcome in before} == {CallState.TIMED_OUT}
    assert "longer than 0.01 seconds" in error_of(before[0])
    assert "hangs" in error_of(last)


@pytest.fixture(autouse=True)
def nothing_hangs() -> Iterator[None]:
    yield
    carrying_out._hanging.clear()


def test_the_weather_is_sample_data_and_says_so(context: Context) -> None:
    outcome = carry_out(registry.tools()["get_weather"], '{"location": "San Francisco"}', context)
    told = json.loads(outcome.output)
    assert told["temperature"] == "70 degrees"
    assert "Sample data" in told["note"]


def test_the_time_is_that_of_the_zone(context: Context) -> None:
    zone = registry.tools()["current_time"]
    assert json.loads(carry_out(zone, '{"zone": "Asia/Tokyo"}', context).output)["time"].endswith("+09:00")
    assert "no time zone" in error_of(carry_out(zone, '{"zone": "Mars/Base"}', context))
    assert "no time zone" in error_of(carry_out(zone, '{"zone": "../../etc/passwd"}', context))

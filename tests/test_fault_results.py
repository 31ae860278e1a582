"""The table of `make faults` counts what happened."""

from typing import Any, Literal

import pytest

from tests.faults.results import HEAD, table


def report(
    nodeid: str, outcome: Literal["passed", "failed"] = "passed", *, when: Any = "call", seconds: float = 0
) -> pytest.TestReport:
    noted = [("recovery", seconds)] if seconds else []
    return pytest.TestReport(nodeid, ("", None, ""), {}, outcome, None, when, user_properties=noted)


def test_the_runs_of_a_scenario_are_one_line_with_the_spread_of_their_recovery() -> None:
    runs = [report(f"a.py::test_it_dies[run{number}]", seconds=number) for number in (1, 2, 6)]
    head, line = table(runs)
    assert head == HEAD
    assert line.split("it dies")[1].split() == ["3", "0", "1.0", "2.0", "6.0"]


def test_what_is_given_to_a_scenario_makes_it_another_one() -> None:
    names = ["test_it_dies[run1-kept]", "test_it_dies[run2-kept]", "test_it_dies[run1-drop-60s]"]
    lines = table(report(f"a.py::{name}") for name in names)[1:]
    assert [line.split("  ")[0] for line in lines] == ["it dies (drop-60s)", "it dies (kept)"]


def test_a_run_that_fails_twice_has_failed_once() -> None:
    twice = [report("a.py::test_it_dies[run1]", "failed", when=when) for when in ("call", "teardown")]
    _, line = table([*twice, report("a.py::test_it_dies[run2]")])
    assert line.split("it dies")[1].split() == ["2", "1"]


def test_a_run_that_was_whole_but_left_a_mess_has_failed() -> None:
    run = "a.py::test_it_dies[run1]"
    _, line = table([report(run, seconds=2), report(run, "failed", when="teardown", seconds=2)])
    assert line.split("it dies")[1].split() == ["1", "1", "2.0", "2.0", "2.0"]

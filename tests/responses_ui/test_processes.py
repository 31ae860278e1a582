"""What a system's own supervisor starts."""

import re

import pytest

from responses_ui import settings
from responses_ui.env import ROOT
from responses_ui.processes import QUEUES, Process, named


def queues(process: Process) -> set[str]:
    return {*process.command[process.command.index("--queues") + 1].split(",")}


def test_a_worker_takes_the_queues_that_are_named_or_all() -> None:
    assert queues(named("worker")) == {*QUEUES}
    assert queues(named("worker", "deletions")) == {"deletions"}
    with pytest.raises(SystemExit, match="The queues are responses, desk, deletions"):
        named("worker", "deletion")
    with pytest.raises(SystemExit, match="Name one of"):
        named("wroker")


def test_the_units_take_every_queue_that_tasks_are_sent_to() -> None:
    units = [unit.read_text() for unit in (ROOT / "deploy").glob("*@.service")]
    taken = [queues(named("worker", *found[1].split())) for unit in units if (found := WORKER.search(unit))]
    sent_to = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert set().union(*taken) == sent_to == {*QUEUES}


WORKER = re.compile(r"responses_ui\.processes worker (.*)")

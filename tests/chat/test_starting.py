"""A worker that starts while the database is away."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from conversations.chat import tasks


def test_it_tries_until_the_database_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    answers = [OperationalError("away"), OperationalError("away"), SimpleNamespace(begin=begun.append)]

    async def this_process() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(tasks, "this_process", this_process)
    monkeypatch.setattr(tasks, "RETRY_SECONDS", 0)
    asyncio.run(tasks._start())
    assert len(begun) == 1
    begun[0].close()

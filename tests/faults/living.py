"""A stack that lives through one fault after another and must be well after each."""

import time
from collections.abc import Callable

from tests.browser.acts import emulator
from tests.stack import Stack, answers

PATIENCE_SECONDS = 20
NOT_ENDED = "SELECT id, status FROM conversations_response WHERE ended_at IS NULL"


class Living:
    """Only a stack that was looked over is lent again; another is closed and made anew."""

    def __init__(self, make: Callable[[], Stack]) -> None:
        self.make = make
        self.stack: Stack | None = None
        self.well = False

    def borrow(self) -> Stack:
        if not self.well:
            self.close()
        if self.stack is None:
            self.stack = self.make()
            self.stack.start()
        self.well = False
        return self.stack

    def look_over(self) -> None:
        if self.stack is not None:
            settle(self.stack)
            self.well = True

    def close(self) -> None:
        if self.stack is not None:
            self.stack.close()
            self.stack = None


def settle(stack: Stack) -> None:
    """Further workers leave, what a scenario ended for good comes back, and nothing may be left undone."""
    while stack.extra:
        stack.extra.pop().stop()
    for program in stack.programs:
        if program.running is None:
            program.start()
        assert program.is_alive, f"{program.name} has ended by itself"
    well = answers(f"{stack.url}/readyz?worker=1")
    until(lambda: well(stack.web), "the installation is not ready again")
    assert stack.rows(NOT_ENDED) == []
    for forgotten in ("requests", "faults"):
        emulator(stack, "DELETE", forgotten)


def until(true: Callable[[], bool], else_say: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, else_say
        time.sleep(0.1)

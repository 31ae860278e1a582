"""Lets few threads through at once and few more wait; who comes beyond that is turned away at once."""

import threading
from collections.abc import Generator
from contextlib import contextmanager


class Turnstile:
    def __init__(self, *, at_once: int, waiting: int, seconds: float) -> None:
        self._room = threading.Semaphore(at_once + waiting)
        self._free = threading.Semaphore(at_once)
        self._seconds = seconds

    @contextmanager
    def entered(self) -> Generator[bool]:
        """Whether one's turn has come, within these seconds."""
        with _held(self._room, 0) as has_room:
            if has_room:
                with _held(self._free, self._seconds) as is_free:
                    yield is_free
            else:
                yield False


@contextmanager
def _held(semaphore: threading.Semaphore, seconds: float) -> Generator[bool]:
    held = semaphore.acquire(timeout=seconds)
    try:
        yield held
    finally:
        if held:
            semaphore.release()

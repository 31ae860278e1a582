"""The time as the stored responses see it, which a test may move; pacing and tokens go by real time."""

import time


class Clock:
    def __init__(self, offset: float = 0) -> None:
        self.offset = offset

    def now(self) -> float:
        return time.time() + self.offset

    def set(self, now: float) -> None:
        self.offset = now - time.time()

    def advance(self, seconds: float) -> None:
        self.offset += seconds

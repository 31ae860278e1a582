"""What the doctor finds: how bad it is, what it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    state: State
    text: str
    advice: str = ""


def ok(text: str) -> Finding:
    return Finding(State.OK, text)


def warn(text: str, advice: str) -> Finding:
    return Finding(State.WARN, text, advice)


def fail(text: str, advice: str) -> Finding:
    return Finding(State.FAIL, text, advice)

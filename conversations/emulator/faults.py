"""Bad behaviour on request: ``gpt-5.1+FAULT`` or ``gpt-5.1+FAULT=ARG+FAULT…`` as the deployment's name, or
queued by the control endpoint. The table below is the whole vocabulary; docs/emulator.md shows it."""

import random
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Kind:
    """``arg`` is a pattern that the argument must match; ``default`` stands in when none is given."""

    told: str
    arg: str = ""
    default: str = ""


SECONDS = r"\d+(\.\d+)?"
COUNT = r"\d+"

KINDS: dict[str, Kind] = {
    # Pace and size
    "latency": Kind("waits S seconds before the answer's headers", SECONDS, "2"),
    "slow": Kind("waits S seconds before the first item", SECONDS, "5"),
    "deltas": Kind("sends exactly N text deltas, at R a second: N or N@R", rf"{COUNT}(@{SECONDS})?", "200"),
    "rate": Kind("sends R text deltas a second", SECONDS, "10"),
    "stamp": Kind("makes each delta the time it was sent (seconds since 1970) and a space"),
    "numbered": Kind("makes each delta its number, from 0 on, and a space"),
    "settle": Kind("keeps a finished streamed response 404 and unchainable for S seconds", SECONDS, "30"),
    # Refused before anything is generated
    "401": Kind("401, wrong key"),
    "403": Kind("403, no right to the data action"),
    "404": Kind("404 DeploymentNotFound"),
    "429": Kind("429; S: Retry-After and retry-after-ms, ms:N: retry-after-ms only, none: neither",
                rf"none|{COUNT}|ms:{COUNT}", "2"),
    "500": Kind("500 with the API's error body"),
    "502": Kind("502 with a proxy's HTML page"),
    "503": Kind("503 with Retry-After of S seconds", COUNT, "1"),
    "bare": Kind('status S with the body {"error":{"message"}}', COUNT, "400"),
    "detail": Kind('status S with the body {"detail"}', COUNT, "422"),
    "filter-prompt": Kind("400 content_filter for the prompt"),
    "too-long": Kind("400 context_length_exceeded"),
    # Ends other than completed, told by the stream
    "too-long-stream": Kind("response.failed with context_length_exceeded"),
    "429-stream": Kind("HTTP 200, then response.failed with error null and a nested `error` event"),
    "error-first": Kind("a lone `error` as the first event, flat or nested", "flat|nested", "nested"),
    "failed": Kind("response.failed with server_error after N deltas", COUNT, "5"),
    "failed-null": Kind("response.failed with error null after N deltas, and nothing more", COUNT, "5"),
    "filter-output": Kind("incomplete for content_filter after N deltas, with content_filters", COUNT, "12"),
    "max-tokens": Kind("incomplete for max_output_tokens after N deltas", COUNT, "20"),
    "misfit": Kind("answers with JSON that doesn't fit the schema that was asked for"),
    "refusal": Kind("refuses in a refusal part instead of text"),
    "hosted": Kind("uses these hosted tools though it was given none: NAME or NAME,NAME",
                   r"[a-z_]+(,[a-z_]+)*", "web_search"),
    # The connection
    "cut": Kind("resets the connection after N deltas", COUNT, "20"),
    "end": Kind("ends the body cleanly after N deltas, without a terminal event", COUNT, "20"),
    "stall": Kind("sends nothing after N deltas and leaves the connection open", COUNT, "20"),
    "unheard": Kind("does what was asked and resets the connection instead of answering; not for streams"),
    "split": Kind("writes N bytes at a time, so that events and characters are torn apart", COUNT, "7"),
    # What the stream says and how
    "malformed": Kind("an event that is not JSON after N deltas", COUNT, "5"),
    "nul": Kind("a NUL character in a delta"),
    "surrogate": Kind("half an emoji in a delta"),
    "unknown": Kind("event types that nobody has heard of, between the deltas"),
    "missing": Kind("leaves out fields that the schema requires"),
    "no-event-lines": Kind("data: lines only"),
    "done": Kind("ends with data: [DONE]"),
    "comments": Kind("comment lines between events"),
}  # fmt: skip


@dataclass(frozen=True)
class Faults:
    """Which faults a request meets, each with its argument as text."""

    args: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """``"cut=5+slow"`` and the like; a ValueError says what is wrong with it."""
        return cls(dict(_parsed(part) for part in text.split("+") if part))

    def __contains__(self, name: str) -> bool:
        return name in self.args

    def __or__(self, other: "Faults") -> "Faults":
        return Faults(self.args | other.args)

    def number(self, name: str) -> float | None:
        return float(self.args[name]) if name in self.args else None

    def count(self, name: str) -> int | None:
        return int(self.args[name]) if name in self.args else None

    def deltas(self) -> tuple[int | None, float | None]:
        """How many text deltas, and how many a second."""
        count, _, rate = self.args.get("deltas", "").partition("@")
        return int(count) if count else None, float(rate) if rate else self.number("rate")


def _parsed(part: str) -> tuple[str, str]:
    name, given, arg = part.partition("=")
    kind = KINDS.get(name)
    if kind is None:
        raise ValueError(f"{name!r} is not a fault; there are {', '.join(KINDS)}")
    arg = arg if given else kind.default
    if not re.fullmatch(kind.arg, arg):
        raise ValueError(f"{name!r} doesn't take {arg!r}: {kind.told}")
    return name, arg


@dataclass
class Queued:
    """A fault waiting for the next ``times`` requests that match; None matches all. With a ``share`` it
    stays, and strikes that part of them, drawn at random but the same for the same ``seed``."""

    faults: Faults
    times: int
    operation: str | None = None
    model: str | None = None
    share: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311  a game of chance that can be repeated

    def strikes(self) -> bool:
        return self.share is None or self.random.random() < self.share

    def matches(self, operation: str, model: str | None) -> bool:
        names = {None, model, (model or "").partition("+")[0]}
        return self.operation in (None, operation) and self.model in names

    def shown(self) -> dict[str, Any]:
        return {
            "faults": self.faults.args,
            "times": self.times,
            "operation": self.operation,
            "model": self.model,
            "share": self.share,
        }


class FaultQueue:
    def __init__(self) -> None:
        self.waiting: deque[Queued] = deque()

    def add(self, queued: Queued) -> None:
        self.waiting.append(queued)

    def take(self, operation: str, model: str | None) -> Faults:
        """The first match's faults; it has one time less afterwards."""
        for queued in self.waiting:
            if queued.matches(operation, model) and queued.strikes():
                self._count(queued)
                return queued.faults
        return Faults()

    def _count(self, queued: Queued) -> None:
        if queued.share is None:
            queued.times -= 1
            if not queued.times:
                self.waiting.remove(queued)

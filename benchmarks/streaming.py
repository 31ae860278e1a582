"""Many answers at once, through the whole product and beside it through a bare SDK loop.

    make bench                       1, 10 and 50 answers
    make bench ARGS="100 200 300"    these numbers

Every answer is 200 deltas at 50 a second, each of which says when the emulator sent it. Both sides read the
same emulator on the same machine in turn, so only their ratios mean anything. Starts spread over a second.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from openai import AsyncOpenAI

from scripts.private_postgres import private_postgres
from tests import environment
from tests.databases import PostgreSQL
from tests.stack import Image, Options, Program, Stack
from tests.talk import Person, Tab, signed_in

DELTAS = 200
MODEL = f"gpt-5.1+stamp+deltas={DELTAS}@50"
RAMP_SECONDS = 1.0
LIMIT_SECONDS = 120
USE_MODEL = f"from conversations.models import Deployment; Deployment.objects.update(name={MODEL!r})"


@dataclass
class Run:
    """What one side did with a number of answers; seconds throughout."""

    name: str
    answers: int
    complete: int = 0
    first: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    cpu: float = 0.0
    database_cpu: float | None = None

    def stamps(self, text: str, at: float, *, first: bool) -> None:
        """Note the lag of every delta in a piece of text that arrived now."""
        lags = [at - float(stamp) for stamp in text.split()]
        self.lags += lags
        if first:
            self.first.append(lags[0])

    def line(self) -> str:
        deltas = max(1, len(self.lags))
        figures = [ms(self.first, 50), ms(self.first, 95), *(ms(self.lags, each) for each in (50, 95, 99))]
        figures.append(f"{1000 * self.cpu / deltas:.3f}")
        if self.database_cpu is not None:
            figures.append(f"{1000 * self.database_cpu / deltas:.3f}")
        return row(self.name, str(self.answers), str(self.complete), *figures)


def row(name: str, *cells: str) -> str:
    return f"{name:<22}" + "".join(f"{cell:>11}" for cell in cells)


HEAD = row("", "at once", "complete", "first p50", "p95", "lag p50", "p95", "p99", "CPU", "database")


def ms(values: list[float], percentile: int) -> str:
    if len(values) < 2:
        return f"{1000 * values[0]:.1f}" if values else "-"
    return f"{1000 * statistics.quantiles(values, n=100, method='inclusive')[percentile - 1]:.1f}"


def cpu(processes: list[psutil.Process]) -> float:
    """User and system seconds of these and of their children."""
    family = [one for process in processes for one in (process, *process.children(recursive=True))]
    return float(sum(one.cpu_times().user + one.cpu_times().system for one in family))


async def ramped(answers: int, work: Callable[[int], Awaitable[None]]) -> None:
    async def late(number: int) -> None:
        await asyncio.sleep(RAMP_SECONDS * number / answers)
        await work(number)

    async with asyncio.timeout(LIMIT_SECONDS):
        await asyncio.gather(*(late(number) for number in range(answers)))


async def through_the_product(stack: Stack, answers: int, database: psutil.Process) -> Run:
    run = Run("Responses UI", answers)
    parts = [process_of(program) for program in (stack.web, stack.worker, stack.beat, stack.redis)]
    async with signed_in(stack, "alice") as alice, AsyncExitStack() as opened:
        watched = partial(WatchedTab, run)
        tabs: list[WatchedTab] = [
            await opened.enter_async_context(alice.tab(await alice.start(), watched)) for _ in range(answers)
        ]
        before, database_before = cpu(parts), cpu([database])
        await ramped(answers, lambda number: tabs[number].chat())
        run.cpu, run.database_cpu = cpu(parts) - before, cpu([database]) - database_before
    return run


def process_of(program: Program) -> psutil.Process:
    return psutil.Process(program.pid)


class WatchedTab(Tab):
    """Notes when each delta comes."""

    def __init__(self, run: Run, person: Person, conversation: str) -> None:
        super().__init__(person, conversation)
        self.watching = run
        self.heard = False

    async def chat(self) -> None:
        answer = await self.ask("Go.")
        self.watching.complete += len(answer.text.split()) == DELTAS

    def _fold(self, frame: dict[str, Any]) -> None:
        for event in frame["events"]:
            if event["type"] == "response.output_text.delta":
                self.watching.stamps(event["delta"], time.time(), first=not self.heard)
                self.heard = True
        super()._fold(frame)


async def through_a_bare_loop(stack: Stack, answers: int) -> Run:
    """What an asyncio program with the SDK's default client and nothing else would do."""
    run = Run("bare AsyncOpenAI loop", answers)
    client = AsyncOpenAI(base_url=f"{stack.emulator_url}/openai/v1/", api_key=stack.env["EMULATOR_KEY"])

    async def one(_: int) -> None:
        count = 0
        stream = await client.responses.create(model=MODEL, input="Go.", stream=True)
        async for event in stream:
            if event.type == "response.output_text.delta":
                run.stamps(event.delta, time.time(), first=count == 0)
                count += 1
        run.complete += count == DELTAS

    before = cpu([psutil.Process()])
    await ramped(answers, one)
    run.cpu = cpu([psutil.Process()]) - before
    await client.close()
    return run


def ratios(ours: Run, bare: Run) -> str:
    def of(mine: list[float], theirs: list[float]) -> str:
        return f"{statistics.median(mine) / statistics.median(theirs):.2f}"

    per_delta = (ours.cpu / len(ours.lags)) / (bare.cpu / len(bare.lags))
    return f"  ours over the bare loop: lag {of(ours.lags, bare.lags)}, CPU {per_delta:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("answers", nargs="*", type=int, default=[1, 10, 50])
    numbers = parser.parse_args().answers
    print(f"Milliseconds; CPU and database: seconds per 1,000 deltas. {psutil.cpu_count()} cores.\n{HEAD}")
    environment.prepare()
    try:
        with private_postgres() as url, temporary_stack(PostgreSQL(url)) as stack:
            stack.manage("shell", "-c", USE_MODEL)
            for number in numbers:
                compare(stack, number)
    finally:
        environment.pytest_unconfigure()


@contextmanager
def temporary_stack(databases: PostgreSQL) -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="rui-bench-") as folder:
        image = Image(Path(folder), databases)
        image.fill()
        stack = image.stack("bench", Options())
        try:
            stack.start()
            yield stack
        finally:
            stack.close()
            image.close()


def compare(stack: Stack, answers: int) -> None:
    ours = asyncio.run(through_the_product(stack, answers, postmaster()))
    bare = asyncio.run(through_a_bare_loop(stack, answers))
    print(f"{ours.line()}\n{bare.line()}\n{ratios(ours, bare)}", flush=True)


def postmaster() -> psutil.Process:
    """The private database's first process, a child of ours."""
    children = psutil.Process().children(recursive=True)
    return next(one for one in children if one.name() == "postgres")


if __name__ == "__main__":
    main()

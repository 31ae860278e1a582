"""Bulk deletions through the whole product, beside a bare loop, and what they cost a chat meanwhile.

    make bench-delete                                10,000 deletions, and 100,000 for the memory
    make bench-delete ARGS="2000 --more 0"           so many, and no second round
    make bench-delete ARGS="2000 --more 0 --shared"  by the worker that runs the answers too

The emulator answers after 50 ms and both sides keep 32 requests in flight. The bare loop is `AsyncOpenAI`
deleting ids from a list, which writes nothing down. The product runs as installed, on PostgreSQL: rows are
claimed, sent, booked, counted and audited. The read-back is left for later, as its settle window leaves it.
Then answers are streamed alone and while deletions run, to see what those cost a chat.
"""

import argparse
import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

import psutil
from openai import AsyncOpenAI

from benchmarks.figures import Meter, Own, Run, ms, quantile
from benchmarks.sides import postmaster, product
from benchmarks.streaming import USE_MODEL, temporary_stack
from responses_ui import processes
from scripts.private_postgres import private_postgres
from tests import environment
from tests.databases import PostgreSQL
from tests.stack import Program, Stack, says
from tests.talk import control

LATENCY_SECONDS = 0.05
AT_ONCE = 32
ANSWERS = 5
SETTLE_SECONDS = 30_000
BEGIN = "from tests.faults.deletions import begin; print(begin({file!r}))"
OPEN = (
    "SELECT 1 FROM conversations_deletion"
    " WHERE job_id = %s AND outcome IN ('pending', 'in_flight', 'not_yet_visible') LIMIT 1"
)
DECIDED = (
    "SELECT count(*), extract(epoch FROM max(decided_at) - min(decided_at)) FROM conversations_deletion"
    " WHERE job_id = %s AND decided_at IS NOT NULL"
)


def main() -> None:
    options = _options()
    environment.prepare()
    try:
        with private_postgres() as url, temporary_stack(PostgreSQL(url)) as stack:
            stack.manage("shell", "-c", USE_MODEL)
            asyncio.run(control(stack, "PATCH", "settings", {"latency": LATENCY_SECONDS}))
            worker = stack.worker if options.shared else apart(stack)
            measure(stack, worker, options.deletions, options.more)
            beside_chats(stack, options.deletions)
    finally:
        environment.pytest_unconfigure()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("deletions", nargs="?", type=int, default=10_000)
    parser.add_argument("--more", type=int, default=100_000, help="a second round, for the memory; 0: none")
    parser.add_argument("--shared", action="store_true", help="one worker for answers and deletions")
    return parser.parse_args()


def apart(stack: Stack) -> Program:
    """A worker for deletions alone, and one for all the rest."""
    stack.worker.stop()
    stack.worker.process = processes.worker("worker", ("responses", "desk"))
    stack.worker.start()
    own = processes.worker("deletions", ("deletions",))
    stack.extra.append(Program(own, env=stack.env, log=stack.folder / "deletions.log", ready=says(" ready.")))
    stack.extra[-1].start()
    return stack.extra[-1]


def measure(stack: Stack, worker: Program, number: int, more: int) -> None:
    with Own() as own:
        bare = asyncio.run(bare_loop(stack, number))
    cost = 1000 * own.spent / number
    print(f"{number} by a bare loop: {bare:.0f} a second; CPU {cost:.2f} s for 1,000", flush=True)
    ours = through_us(stack, worker, number)
    print(f"{number} by us: {ours.rate:.0f} a second, {ours.rate / bare:.2f} of that; {ours.more(number)}")
    if more:
        ours = through_us(stack, worker, more)
        print(f"{more} by us: {ours.rate:.0f} a second; {ours.more(more)}", flush=True)


async def bare_loop(stack: Stack, number: int) -> float:
    """Deletions a second."""
    waiting = iter(await seed(stack, number))

    async def delete(client: AsyncOpenAI) -> None:
        for key in waiting:
            await client.responses.delete(key)

    address = f"{stack.emulator_url}/openai/v1/"
    async with AsyncOpenAI(base_url=address, api_key=stack.env["EMULATOR_KEY"]) as client:
        began = monotonic()
        await asyncio.gather(*(delete(client) for _ in range(AT_ONCE)))
        return number / (monotonic() - began)


async def seed(stack: Stack, number: int) -> list[str]:
    made = await control(stack, "POST", "responses", {"count": number, "age": 3600})
    ids: list[str] = made["ids"]
    return ids


@dataclass
class Ours:
    rate: float
    memory: float
    cpu: dict[str, float]

    def more(self, number: int) -> str:
        costs = ", ".join(f"{name} {1000 * spent / number:.2f} s" for name, spent in self.cpu.items())
        return f"{self.memory:.0f} MB at most; CPU for 1,000: {costs}"


def through_us(stack: Stack, worker: Program, number: int) -> Ours:
    with memory(worker) as peak, Meter(worker=worker.pid, database=postmaster()) as meter:
        job = begin(stack, number)
        seconds = until_done(stack, job, number)
    return Ours(number / seconds, max(peak) / 1e6, meter.spent)


def begin(stack: Stack, number: int) -> str:
    ids = asyncio.run(seed(stack, number))
    file = stack.folder / "purge.json"
    file.write_text(json.dumps({"ids": ids, "held": [], "settle": SETTLE_SECONDS}))
    return stack.manage("shell", "-v0", "-c", BEGIN.format(file=str(file))).split()[-1]


def until_done(stack: Stack, job: str, number: int) -> float:
    """From the first answer to the last."""
    while stack.rows(OPEN, job):
        sleep(0.5)
    ((decided, seconds),) = stack.rows(DECIDED, job)
    assert decided == number, f"{decided} of {number} are decided"
    return float(seconds)


@contextmanager
def memory(worker: Program) -> Iterator[list[int]]:
    """What the process and its children hold, twice a second."""
    seen, over = [0], threading.Event()

    def look() -> None:
        parent = psutil.Process(worker.pid)
        while not over.wait(0.5):
            family = [parent, *parent.children(recursive=True)]
            seen.append(sum(each.memory_info().rss for each in family))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def beside_chats(stack: Stack, number: int) -> None:
    product(stack, ANSWERS)
    alone = product(stack, ANSWERS)
    job = begin(stack, number)
    while not stack.rows(DECIDED, job)[0][0]:
        sleep(0.1)
    beside = product(stack, ANSWERS)
    running = stack.rows(DECIDED, job)[0][0] < number
    tell("alone", alone)
    tell("beside deletions" if running else "beside deletions that ended too soon", beside)
    print(f"lag p95: {quantile(beside.lags, 95) / quantile(alone.lags, 95):.2f} of what it is alone")


def tell(name: str, run: Run) -> None:
    lags = f"lag p50 {ms(run.lags, 50)} ms, p95 {ms(run.lags, 95)} ms"
    print(f"{ANSWERS} answers {name}: {run.complete} complete, {lags}")


if __name__ == "__main__":
    main()

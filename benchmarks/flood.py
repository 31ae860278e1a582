"""Turns with and without a flood of refused logins beside them.

    make bench-flood
    make bench-flood ARGS="--rounds 5 --answers 20"

The flood comes from one address, then from 200 of them, against our own server on loopback only: 40 requests
at a time, for as long as the turns take and at most 20 seconds or 10,000 requests. The kinds take turns, so
that a busy machine is busy for all. First and lag are those of benchmarks.streaming.
"""

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from ctypes import c_int
from itertools import cycle
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

import aiohttp
from yarl import URL

from benchmarks.figures import HEAD, Run, ratios
from benchmarks.sides import product
from benchmarks.streaming import USE_MODEL, temporary_stack
from scripts.private_postgres import private_postgres
from tests import environment
from tests.databases import PostgreSQL
from tests.stack import Stack

AT_ONCE = 40
MOST_SECONDS = 20.0
MOST_REQUESTS = 10_000
KINDS = {"calm": 0, "flood from one address": 1, "flood from 200 addresses": 200}

spawn = multiprocessing.get_context("spawn")


def main() -> None:
    options = _options()
    environment.prepare()
    try:
        with private_postgres() as url, temporary_stack(PostgreSQL(url)) as stack:
            stack.manage("shell", "-c", USE_MODEL)
            product(stack, options.answers)  # warms up
            compare(stack, options.rounds, options.answers)
    finally:
        environment.pytest_unconfigure()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--answers", type=int, default=10, help="turns at once")
    return parser.parse_args()


def compare(stack: Stack, rounds: int, answers: int) -> None:
    runs = {kind: Run(kind, rounds * answers) for kind in KINDS}
    rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for kind, addresses in KINDS.items():
            attack = Flood(stack.url, addresses)
            add(runs[kind], product(stack, answers, attack))
            rates[kind].append(attack.rate)
    show(runs, rates)


def add(to: Run, run: Run) -> None:
    to.complete += run.complete
    to.first += run.first
    to.lags += run.lags
    for name, spent in run.cpu.items():
        to.cpu[name] = to.cpu.get(name, 0) + spent


def show(runs: dict[str, Run], rates: dict[str, list[float]]) -> None:
    calm, *others = runs.values()
    print(f"Milliseconds; CPU seconds for 1,000 deltas.\n{HEAD}")
    print(calm.line(), calm.parts(), sep="\n")
    for run in others:
        print(run.line(), run.parts(), ratios(run, calm), sep="\n")
        print(f"{'':<26}{sum(rates[run.name]) / len(rates[run.name]):.0f} logins refused a second")


class Flood:
    """In a process of its own while the `with` lasts; `rate`: how many a second were answered."""

    def __init__(self, url: str, addresses: int) -> None:
        self.enough, self.answered = spawn.Event(), spawn.Value(c_int, 0)
        self.process = spawn.Process(target=_flood, args=(url, addresses, self.enough, self.answered))
        self.addresses = addresses
        self.rate = 0.0

    def __enter__(self) -> None:
        if self.addresses:
            self.process.start()
        while self.process.is_alive() and not self.answered.value:
            time.sleep(0.05)
        self.began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.rate = self.answered.value / (time.monotonic() - self.began)
        self.enough.set()
        if self.addresses:
            self.process.join()


def _flood(url: str, addresses: int, enough: Event, answered: "Synchronized[int]") -> None:
    asyncio.run(_all(url, addresses, enough, answered))


async def _all(url: str, addresses: int, enough: Event, answered: "Synchronized[int]") -> None:
    until = time.monotonic() + MOST_SECONDS

    async def guess(numbers: Sequence[int]) -> None:
        async with AsyncExitStack() as opened:
            doors = [await opened.enter_async_context(_door(url, number)) for number in numbers]
            for try_one in cycle(doors):
                if enough.is_set() or time.monotonic() > until or answered.value >= MOST_REQUESTS:
                    break
                await try_one()
                with answered.get_lock():
                    answered.value += 1

    shares = (range(addresses)[place::AT_ONCE] or [place % addresses] for place in range(AT_ONCE))
    await asyncio.gather(*map(guess, shares))


@asynccontextmanager
async def _door(url: str, number: int) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Tries a wrong password, from an address of this number."""
    connector = aiohttp.TCPConnector(local_addr=(f"127.0.1.{number + 1}", 0))
    jar = aiohttp.CookieJar(unsafe=True)  # else it keeps none of an address without a name
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        headers = await _token(session, url)

        async def try_one() -> None:
            form = {"username": "alice", "password": "not hers"}
            async with session.post(f"{url}/login/", data=form, headers=headers) as answer:
                await answer.read()

        yield try_one


async def _token(session: aiohttp.ClientSession, url: str) -> dict[str, str]:
    async with session.get(f"{url}/login/") as answer:
        await answer.read()
    cookies = session.cookie_jar.filter_cookies(URL(url))
    return {"X-CSRFToken": cookies["csrftoken"].value, "Referer": url}


if __name__ == "__main__":
    main()

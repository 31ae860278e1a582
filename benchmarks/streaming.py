"""Many answers at once, through the whole product and beside it through two ways that do much less.

    make bench                       1, 10, 50 and 100 answers
    make bench ARGS="200 300"        these numbers
    make bench ARGS="100 --only ours"

Every answer is 200 deltas at 50 a second, each of which says when the emulator sent it; starts are spread
over a second. The product runs as installed: ledger, event log and checkpoints on, PostgreSQL. Beside it go a
bare loop over the SDK's default client, which shows its text to nobody, and a plain consumer that streams
in the handler of the socket. All read the same emulator in turn, so their ratios mean more than the figures.

First is the time from sending a message to its first delta, less what the emulator itself takes; lag is the
time of a delta from the emulator to the client. An answer counts as complete when every delta came, in order,
and the ledger holds the same text.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.figures import HEAD, Run, ratios
from benchmarks.sides import MODEL, bare_loop, plain_consumer, product
from scripts.private_postgres import private_postgres
from tests import environment
from tests.databases import PostgreSQL
from tests.stack import Image, Options, Stack

USE_MODEL = f"from conversations.models import Deployment; Deployment.objects.update(name={MODEL!r})"
SIDES: dict[str, Callable[[Stack, int], Run]] = {
    "ours": product,
    "bare": bare_loop,
    "plain": plain_consumer,
}
WARM_UP = 10


def main() -> None:
    options = _options()
    print(f"Milliseconds; CPU seconds for 1,000 deltas. {psutil.cpu_count()} cores.\n{HEAD}", flush=True)
    environment.prepare()
    try:
        with private_postgres() as url, temporary_stack(PostgreSQL(url)) as stack:
            stack.manage("shell", "-c", USE_MODEL)
            for name in options.only:
                SIDES[name](stack, WARM_UP)
            for number in options.answers:
                compare([SIDES[name](stack, number) for name in options.only])
    finally:
        environment.pytest_unconfigure()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("answers", nargs="*", type=int, default=[1, 10, 50, 100], help="numbers at once")
    parser.add_argument("--only", nargs="+", choices=SIDES, default=list(SIDES), help="not all sides")
    return parser.parse_args()


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


def compare(runs: list[Run]) -> None:
    for run in runs:
        print(f"{run.line()}\n{run.parts()}")
    for other in runs[1:]:
        print(ratios(runs[0], other))
    print(flush=True)


if __name__ == "__main__":
    main()

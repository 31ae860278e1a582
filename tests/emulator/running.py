"""An emulator as its own process, and short ways to speak to it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import httpx2
from openai import AzureOpenAI, OpenAI

KEY = "key-of-the-emulator-tests"
Json = dict[str, Any]


class Running:
    """``--rate`` is high, so that only tests that are about time take any."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.start()

    def start(self) -> None:
        ready = self.folder / "url"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "conversations.emulator", "--port", "0", "--key", KEY]
        command += ["--store", str(self.folder / "store.sqlite3"), "--ready-file", str(ready)]
        command += ["--rate", "2000", "--first-token", "0", *self.options]
        with (self.folder / "stderr").open("ab") as complaints:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True)
        wait_until(lambda: ready.exists() or self.process.poll() is not None)
        self.url = ready.read_text().strip()
        self.http = httpx2.Client(base_url=self.url, headers={"api-key": KEY}, timeout=60)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=60)
        if self.process.stdout:
            self.process.stdout.close()
        assert (self.folder / "stderr").read_text() == ""
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def openai(self) -> OpenAI:
        """The SDK on the Azure v1 route."""
        return OpenAI(base_url=f"{self.url}/openai/v1/", api_key=KEY, max_retries=0)

    def dated(self, api_version: str = "2025-04-01-preview") -> AzureOpenAI:
        return AzureOpenAI(azure_endpoint=self.url, api_key=KEY, api_version=api_version, max_retries=0)

    def post(self, model: str = "gpt-5.1", **request: Any) -> httpx2.Response:
        request = {"model": model, "input": "Say hello", **request}
        return self.http.post("/openai/v1/responses", json=request)

    def create(self, model: str = "gpt-5.1", **request: Any) -> Json:
        answer = self.post(model, **request)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def stream(self, model: str = "gpt-5.1", **request: Any) -> list[Json]:
        """All events, as far as they can be read, of a streamed response that ends well."""
        return events(self.post(model, stream=True, **request).content)

    def get(self, path: str, **query: Any) -> httpx2.Response:
        return self.http.get(f"/openai/v1/responses{path}", params=query)

    def control(self, method: str, path: str, body: Any = None) -> Json:
        answer = self.http.request(method, f"/_emulator/{path}", json=body)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def last_request(self, operation: str) -> Json:
        recorded: Json = self.control("GET", f"requests?operation={operation}")["requests"][-1]
        return recorded


def events(body: bytes) -> list[Json]:
    """The data of every event in the body that is JSON."""
    return list(_read(body.decode(errors="surrogatepass").split("\n\n")))


def _read(frames: Sequence[str]) -> Iterator[Json]:
    for frame in frames:
        for line in frame.splitlines():
            if line.startswith("data: {"):
                try:
                    yield json.loads(line.removeprefix("data: "))
                except ValueError:
                    yield {"type": "malformed"}


def kinds(seen: Sequence[Json]) -> list[str]:
    """The types in order, each run of the same one once, without the common prefix."""
    types = [event["type"].removeprefix("response.") for event in seen]
    return [kind for place, kind in enumerate(types) if place == 0 or types[place - 1] != kind]


def text_of(response: Json) -> str:
    parts = [part for item in response["output"] for part in item.get("content", ())]
    return "".join(part["text"] for part in parts)


def deltas(seen: Sequence[Json]) -> list[str]:
    return [event["delta"] for event in seen if event["type"] == "response.output_text.delta"]


def wait_until(true: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)

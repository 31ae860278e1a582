"""An import in a real worker, which is told to end in the middle, and the next one killed."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from tests.conftest import MakeStack
from tests.stack import KEY, PASSWORD, Stack

pytestmark = pytest.mark.processes

COUNT = 60


@pytest.mark.smoke
def test_a_worker_ends_in_the_middle_another_is_killed_and_the_next_one_goes_on(
    make_stack: MakeStack,
) -> None:
    short = {"LEASE_SECONDS": "2", "HEARTBEAT_SECONDS": "0.5", "REQUEUE_SECONDS": "1", "IMPORT_REQUESTS": "2"}
    stack = make_stack(settings=short, emulator=("--rate", "2000", "--first-token", "0"))
    ids = [made(stack, number) for number in range(COUNT)]
    emulator(
        stack, "POST", "_emulator/faults", {"faults": "latency=0.2", "times": 10_000, "operation": "retrieve"}
    )
    with signed_in(stack) as operator:
        page = begun(operator, "\n".join([*ids, "resp_1"]))
        until(lambda: progress(operator, page)["outcomes"]["imported"] > 5)
        stack.worker.stop()
        assert stack.rows("SELECT claim FROM conversations_importjob") == [(None,)]
        stack.worker.start()
        until(lambda: progress(operator, page)["outcomes"]["imported"] > 15)
        stack.worker.kill()
        left = progress(operator, page)["outcomes"]["pending"]
        stack.worker.start()
        until(lambda: not progress(operator, page)["running"])
        told = progress(operator, page)["outcomes"]
    assert 0 < left < COUNT
    assert {name: number for name, number in told.items() if number} == {"imported": COUNT, "malformed": 1}
    assert stack.rows("SELECT count(*) FROM conversations_response") == [(COUNT,)]


def made(stack: Stack, number: int) -> str:
    body = {"model": "gpt-5.1", "input": f"{number}+1"}
    return str(emulator(stack, "POST", "openai/v1/responses", body)["id"])


def emulator(stack: Stack, method: str, path: str, body: Any) -> Any:
    answer = httpx2.request(
        method, f"{stack.emulator_url}/{path}", json=body, headers={"api-key": KEY}, timeout=60
    )
    return answer.raise_for_status().json()


@contextmanager
def signed_in(stack: Stack) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=stack.url, follow_redirects=True, timeout=60) as client:
        send(client, "/login/", {"username": "oscar", "password": PASSWORD})
        yield client


def begun(client: httpx2.Client, text: str) -> str:
    """The address of the import's page."""
    path = "/admin/conversations/importjob/add/"
    form = client.get(path).text
    deployment = re.search(r'name="deployment".*?value="(\d+)"', form, re.DOTALL)
    assert deployment
    sent = send(client, path, {"text": text, "deployment": deployment[1]})
    return str(sent.url).removesuffix("change/")


def send(client: httpx2.Client, path: str, fields: dict[str, str]) -> httpx2.Response:
    client.get(path)
    token = client.cookies["csrftoken"]
    answer = client.post(path, data={**fields, "csrfmiddlewaretoken": token}, headers={"Referer": path})
    return answer.raise_for_status()


def progress(client: httpx2.Client, page: str) -> Any:
    return client.get(f"{page}progress/").raise_for_status().json()


def until(true: Any, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)

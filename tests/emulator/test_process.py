"""The process as those who start and stop it see it, and what it tells of those who leave."""

import contextlib
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from typing import Any

import httpx2
import pytest

from tests.emulator.conftest import Start
from tests.emulator.running import KEY, Running, wait_until

ENDLESS = {"model": "gpt-5.1+deltas=5000@20", "input": "x", "stream": True}


def test_it_prints_one_line_with_its_url(start: Start) -> None:
    emulator = start()
    emulator.http.close()
    emulator.process.terminate()
    printed, _ = emulator.process.communicate(timeout=60)
    assert re.fullmatch(r"Emulator of the Responses API on http://127\.0\.0\.1:\d+\n", printed)
    assert emulator.url in printed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_promptly_and_well_even_with_streams_open(start: Start, number: signal.Signals) -> None:
    emulator = start()
    broken: list[Exception] = []
    reader = threading.Thread(target=read_to_the_end, args=(emulator, broken))
    reader.start()
    wait_until(lambda: emulator.control("GET", "streams")["streams"])
    began = time.monotonic()
    emulator.process.send_signal(number)
    assert emulator.process.wait(timeout=60) == 0
    assert time.monotonic() - began < 3
    reader.join(timeout=60)
    assert isinstance(broken[0], httpx2.TransportError)


def read_to_the_end(emulator: Running, broken: list[Exception]) -> None:
    try:
        httpx2.post(f"{emulator.url}/openai/v1/responses", json=ENDLESS, headers={"api-key": KEY})
    except httpx2.TransportError as error:
        broken.append(error)


def test_a_wrong_option_ends_it_with_a_reason() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "conversations.emulator", "--rate", "fast"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "--rate" in ended.stderr


def test_options_are_settings(start: Start) -> None:
    emulator = start("--list", "--settle", "9", "--token-lifetime", "60", "--retention", "100")
    shown = emulator.control("GET", "settings")
    assert (shown["list_enabled"], shown["settle"], shown["retention"]) == (True, 9, 100)
    assert not {"key", "identity_header"} & set(shown)


def test_a_foreground_response_is_dropped_when_its_client_leaves(emulator: Running) -> None:
    with emulator.http.stream("POST", "/openai/v1/responses", json=ENDLESS) as answer:
        chunks = answer.iter_raw()
        next(chunks)
        under_way: Any = emulator.control("GET", "streams")["streams"]
        assert len(under_way) == 1
    wait_until(lambda: not emulator.control("GET", "streams")["streams"])
    recorded = emulator.last_request("create")
    assert recorded["outcome"] == "client_left"
    assert recorded["frames_sent"] < 100
    assert emulator.get(f"/{recorded['response_id']}").status_code == 404


def test_leaving_is_noticed_while_nothing_is_sent(emulator: Running) -> None:
    slow = {"model": "gpt-5.1+slow=600", "input": "x", "stream": True}
    with emulator.http.stream("POST", "/openai/v1/responses", json=slow) as answer:
        chunks = answer.iter_raw()
        next(chunks)
    wait_until(lambda: emulator.last_request("create")["outcome"] == "client_left", 5)


def test_leaving_drops_an_answer_that_is_not_streamed(emulator: Running) -> None:
    with pytest.raises(httpx2.ReadTimeout):
        emulator.http.post("/openai/v1/responses", json=ENDLESS | {"stream": False}, timeout=0.3)
    wait_until(lambda: emulator.last_request("create")["outcome"] == "client_left", 5)
    assert emulator.control("GET", "responses")["responses"] == []


def test_all_connections_can_be_broken_at_once(emulator: Running) -> None:
    with emulator.http.stream("POST", "/openai/v1/responses", json=ENDLESS) as answer:
        chunks = answer.iter_raw()
        next(chunks)
        assert emulator.control("POST", "streams/break") == {"broken": 1}
        with pytest.raises(httpx2.TransportError):
            list(chunks)
    wait_until(lambda: emulator.last_request("create")["outcome"] == "cut")


def test_requests_are_recorded_whole(emulator: Running) -> None:
    body = b'{"model":"gpt-5.1",  "input":"h\xc3\xa9llo"}'
    headers = {"x-told": "yes", "content-type": "application/json"}
    emulator.http.post("/openai/responses?api-version=2025-04-01-preview", content=body, headers=headers)
    recorded = emulator.last_request("create")
    assert (recorded["method"], recorded["path"]) == ("POST", "/openai/responses")
    assert recorded["query"] == "api-version=2025-04-01-preview"
    assert ["x-told", "yes"] in recorded["headers"]
    assert ["api-key", KEY] in recorded["headers"]
    assert recorded["body"].encode() == body
    assert recorded["json"] == {"model": "gpt-5.1", "input": "héllo"}
    assert (recorded["status"], recorded["outcome"]) == (200, "completed")
    assert recorded["response_id"].startswith("resp_")


def test_requests_that_are_not_text_are_recorded_too(emulator: Running) -> None:
    assert emulator.http.post("/openai/v1/responses", content=b"\xff\xfe").status_code == 400
    recorded = emulator.last_request("create")
    assert (recorded["body"], recorded["body_base64"], recorded["json"]) == (None, "//4=", None)


def test_requests_can_be_asked_for_from_a_number_on_and_forgotten(emulator: Running) -> None:
    emulator.create()
    number = emulator.last_request("create")["number"]
    emulator.create()
    later = emulator.control("GET", f"requests?after={number}")["requests"]
    assert [each["number"] for each in later] == [number + 1]
    assert emulator.control("DELETE", "requests") == {"requests": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "clock", {"tomorrow": 1}),
        ("PUT", "clock", []),
        ("POST", "faults", {"faults": "flood"}),
        ("PATCH", "settings", {"speed": 1}),
        ("PATCH", "settings", {"rate": "fast"}),
        ("PATCH", "settings", {"list_enabled": 1}),
        ("PATCH", "settings", {"settle": -1}),
    ],
)
def test_the_controls_refuse_what_they_do_not_understand(
    emulator: Running, method: str, path: str, body: Any
) -> None:
    answer = emulator.http.request(method, f"/_emulator/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_the_clock_can_be_set_and_tells_the_time(emulator: Running) -> None:
    assert emulator.control("PUT", "clock", {"now": 2_000_000_000})["now"] == pytest.approx(2e9, abs=5)
    assert emulator.create()["created_at"] == pytest.approx(2e9, abs=5)
    assert emulator.control("PUT", "clock", {"offset": 0})["now"] == pytest.approx(time.time(), abs=5)


def test_nothing_of_a_deleted_response_stays_in_the_store(start: Start) -> None:
    emulator = start()
    first = emulator.create(input="the canary sings")
    second = emulator.create(input="Go on", previous_response_id=first["id"])
    for made in (first, second):
        emulator.http.delete(f"/openai/v1/responses/{made['id']}")
    emulator.stop()
    with contextlib.closing(sqlite3.connect(emulator.folder / "store.sqlite3")) as store:
        dump = [line for line in store.iterdump() if line.startswith("INSERT")]
    assert dump
    assert not [line for line in dump if '"meta"' not in line]

from typing import Any

import httpx2
import pytest

from tests.emulator.conftest import Start
from tests.emulator.running import Running, deltas, events, kinds, text_of, wait_until

SLOWLY = "gpt-5.1+deltas=60@60"


def finished(emulator: Running, response_id: str) -> dict[str, Any]:
    ended: dict[str, Any] = {}

    def ends() -> bool:
        ended.update(emulator.get(f"/{response_id}").json())
        return ended["status"] not in ("queued", "in_progress")

    wait_until(ends)
    return ended


def replay(
    emulator: Running, response_id: str, after: int | None = None, **query: Any
) -> list[dict[str, Any]]:
    if after is not None:
        query["starting_after"] = after
    answer = emulator.get(f"/{response_id}", stream="true", **query)
    assert answer.status_code == 200, answer.text
    return events(answer.content)


def test_a_background_response_is_queued_and_then_goes_on_alone(emulator: Running) -> None:
    made = emulator.create(background=True)
    assert (made["status"], made["output"], made["background"]) == ("queued", [], True)
    assert text_of(finished(emulator, made["id"]))


def test_what_was_said_so_far_can_be_retrieved(emulator: Running) -> None:
    made = emulator.create("gpt-5.1+deltas=40@40", background=True)
    wait_until(lambda: text_of(emulator.get(f"/{made['id']}").json()))
    part = emulator.get(f"/{made['id']}").json()
    assert part["status"] == "in_progress"
    assert text_of(finished(emulator, made["id"])).startswith(text_of(part))


def test_a_background_stream_tells_that_it_was_queued(emulator: Running) -> None:
    seen = emulator.stream(background=True)
    assert kinds(seen)[:3] == ["created", "queued", "in_progress"]
    assert [event["response"]["status"] for event in seen[:3]] == ["queued", "queued", "in_progress"]
    assert kinds(seen)[-1] == "completed"


def test_a_stream_goes_on_after_the_number_that_was_seen_last(emulator: Running) -> None:
    seen = emulator.stream(background=True, input="Compare PostgreSQL and SQLite")
    response_id = seen[0]["response"]["id"]
    assert replay(emulator, response_id) == seen
    assert replay(emulator, response_id, 0) == seen[1:]
    assert replay(emulator, response_id, 40) == seen[41:]
    assert replay(emulator, response_id, seen[-1]["sequence_number"]) == []
    clear = replay(emulator, response_id, include_obfuscation="false")
    assert deltas(clear) == deltas(seen)
    assert not any("obfuscation" in event for event in clear)


def test_a_client_that_left_resumes_while_it_runs(emulator: Running) -> None:
    with emulator.openai() as client:
        request: Any = {"model": SLOWLY, "input": "Explain tokens", "background": True}
        with client.responses.create(stream=True, **request) as stream:
            seen = [next(stream).to_dict() for _ in range(12)]
        response_id: Any = seen[0]["response"]
        response_id = response_id["id"]
        with client.responses.retrieve(response_id, stream=True, starting_after=11) as rest:
            seen += [event.to_dict() for event in rest]
    assert [event["sequence_number"] for event in seen] == list(range(len(seen)))
    assert "".join(deltas(seen)) == text_of(finished(emulator, response_id))
    assert len(deltas(seen)) == 60


def test_a_cut_befalls_the_first_client_and_the_response_goes_on(emulator: Running) -> None:
    with pytest.raises(httpx2.TransportError):
        emulator.post("gpt-5.1+deltas=60@300+cut=20", stream=True, background=True)
    response_id = emulator.last_request("create")["response_id"]
    assert finished(emulator, response_id)["status"] == "completed"
    assert len(deltas(replay(emulator, response_id))) == 60


@pytest.mark.parametrize(
    ("request_made", "missing"),
    [({}, "background=true"), ({"stream": True}, "background=true"), ({"background": True}, "stream=true")],
)
def test_only_background_streams_can_be_resumed(
    emulator: Running, request_made: dict[str, Any], missing: str
) -> None:
    emulator.post(**request_made)
    response_id = emulator.last_request("create")["response_id"]
    refused = emulator.get(f"/{response_id}", stream="true")
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == (
        f"This response cannot be streamed because it was not created with {missing}."
    )


def test_events_can_be_replayed_only_for_a_while(emulator: Running) -> None:
    response_id = emulator.stream(background=True)[0]["response"]["id"]
    emulator.control("PUT", "clock", {"advance": 601})
    refused = emulator.get(f"/{response_id}", stream="true")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "stream")
    assert emulator.get(f"/{response_id}").json()["status"] == "completed"


def test_cancelling_keeps_what_was_said_and_may_be_repeated(emulator: Running) -> None:
    made = emulator.create("gpt-5.1+deltas=1000@50", background=True)
    wait_until(lambda: text_of(emulator.get(f"/{made['id']}").json()))
    with emulator.openai() as client:
        first, second = client.responses.cancel(made["id"]), client.responses.cancel(made["id"])
    assert first.status == second.status == "cancelled"
    assert first.output_text
    assert first.output_text == second.output_text
    assert emulator.control("GET", "streams")["background"] == []


def test_a_stream_that_is_cancelled_ends_without_a_terminal_event(emulator: Running) -> None:
    with emulator.openai() as client:
        request: Any = {"model": "gpt-5.1+deltas=1000@50", "input": "x", "background": True}
        with client.responses.create(stream=True, **request) as stream:
            first: Any = next(stream)
            client.responses.cancel(first.response.id)
            rest = [event.type for event in stream]
    assert not {"response.completed", "response.failed", "response.incomplete"} & set(rest)


def test_cancelling_what_has_ended_changes_nothing(emulator: Running) -> None:
    made = finished(emulator, emulator.create(background=True)["id"])
    assert emulator.http.post(f"/openai/v1/responses/{made['id']}/cancel").json() == made


def test_a_foreground_response_cannot_be_cancelled(emulator: Running) -> None:
    refused = emulator.http.post(f"/openai/v1/responses/{emulator.create()['id']}/cancel")
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == "Cannot cancel a synchronous response."


def test_a_running_response_that_is_deleted_is_gone(emulator: Running) -> None:
    made = emulator.create("gpt-5.1+deltas=1000@50", background=True)
    assert emulator.http.delete(f"/openai/v1/responses/{made['id']}").status_code == 200
    assert emulator.get(f"/{made['id']}").status_code == 404
    assert emulator.control("GET", "streams")["background"] == []


def test_a_restart_keeps_what_ended_and_fails_what_ran(start: Start) -> None:
    emulator = start()
    ended = emulator.stream(background=True)
    plain = emulator.create(input="My name is Ada")
    ran = emulator.create("gpt-5.1+deltas=1000@10", background=True)
    emulator.control("PUT", "clock", {"advance": 100})
    assert emulator.stop() == 0
    emulator.start()
    assert replay(emulator, ended[0]["response"]["id"]) == ended
    failed = emulator.get(f"/{ran['id']}").json()
    assert (failed["status"], failed["error"]["code"]) == ("failed", "server_error")
    asked = emulator.create(input="What is my name?", previous_response_id=plain["id"])
    assert "**Ada**" in text_of(asked)
    assert emulator.control("GET", "clock")["offset"] == pytest.approx(100, abs=1)

from typing import Any

import pytest
from openai import BadRequestError, NotFoundError

from tests.emulator.running import Running, text_of

DAY = 86400


def test_what_was_answered_can_be_retrieved(emulator: Running) -> None:
    made = emulator.create(metadata={"run_id": "1"})
    assert emulator.get(f"/{made['id']}").json() == made


@pytest.mark.parametrize("call", ["retrieve", "delete", "cancel", "input_items"])
def test_an_unknown_id_is_404(emulator: Running, call: str) -> None:
    with (
        emulator.openai() as client,
        pytest.raises(NotFoundError, match="Response with id 'resp_none' not found"),
    ):
        unknown(client.responses, call)


def unknown(responses: Any, call: str) -> None:
    if call == "input_items":
        responses.input_items.list("resp_none")
    else:
        getattr(responses, call)("resp_none")


def test_a_response_that_was_not_to_be_stored_is_neither_found_nor_chained_to(emulator: Running) -> None:
    made = emulator.create(store=False)
    assert emulator.get(f"/{made['id']}").status_code == 404
    assert emulator.post(previous_response_id=made["id"]).status_code == 400


def test_a_chain_remembers_what_was_said(emulator: Running) -> None:
    first = emulator.create(input="My name is Ada")
    second = emulator.create(input="Explain tokens", previous_response_id=first["id"])
    third = emulator.create(input="What is my name?", previous_response_id=second["id"])
    assert "You told me earlier: “My name is Ada”" in text_of(second)
    assert "Your name is **Ada**" in text_of(third)
    assert "haven't told me your name" in text_of(emulator.create(input="What is my name?"))


def test_a_full_history_as_input_is_read_like_a_chain(emulator: Running) -> None:
    history = [
        {"role": "user", "content": "My name is Ada"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Hello, Ada."}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is my name?"}]},
    ]
    assert "**Ada**" in text_of(emulator.create(input=history))


def test_instructions_count_for_one_turn_only(emulator: Running) -> None:
    first = emulator.create(input="Explain tokens", instructions="End every answer with: Cheers")
    second = emulator.create(input="And websockets?", previous_response_id=first["id"])
    assert text_of(first).endswith("Cheers")
    assert not text_of(second).endswith("Cheers")


def test_chaining_to_an_unknown_id_is_refused_with_its_code(emulator: Running) -> None:
    with emulator.openai() as client, pytest.raises(BadRequestError) as caught:
        client.responses.create(model="gpt-5.1", input="Hi", previous_response_id="resp_none")
    refusal = caught.value
    assert (refusal.code, refusal.param) == ("previous_response_not_found", "previous_response_id")
    assert refusal.type == "invalid_request_error"


def chain(emulator: Running) -> list[str]:
    """A chain of three; the texts of the last one's context, oldest first."""
    first = emulator.create(input="One")
    second = emulator.create(input="Two", previous_response_id=first["id"])
    third = emulator.create(input="Three", previous_response_id=second["id"])
    return [third["id"], "One", text_of(first), "Two", text_of(second), "Three"]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_input_items_are_the_whole_conversation_paged_either_way(emulator: Running, order: Any) -> None:
    last, *texts = chain(emulator)
    with emulator.openai() as client:
        page = client.responses.input_items.list(last, order=order, limit=2)
        items: list[Any] = list(page)
    assert page.has_more
    said = [item.content[0].text for item in items]
    assert said == (texts if order == "asc" else texts[::-1])
    assert len({item.id for item in items}) == 5


def test_input_items_come_newest_first_and_20_at_a_time_unless_told(emulator: Running) -> None:
    made = emulator.create(input=[{"role": "user", "content": str(number)} for number in range(25)])
    page = emulator.get(f"/{made['id']}/input_items").json()
    assert [item["content"][0]["text"] for item in page["data"]] == [
        str(number) for number in range(24, 4, -1)
    ]
    assert page["has_more"]
    assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"order": "up"}, {"after": "?"}]
)
def test_a_page_that_cannot_be_is_refused(emulator: Running, query: dict[str, Any]) -> None:
    made = emulator.create()
    assert emulator.get(f"/{made['id']}/input_items", **query).status_code == 400


def test_a_deleted_response_is_gone_but_what_followed_it_stays(emulator: Running) -> None:
    first = emulator.create(input="My name is Ada")
    second = emulator.create(input="Go on", previous_response_id=first["id"])
    deleted = emulator.http.delete(f"/openai/v1/responses/{first['id']}")
    assert deleted.json() == {"id": first["id"], "object": "response.deleted", "deleted": True}
    assert emulator.get(f"/{first['id']}").status_code == 404
    assert emulator.http.delete(f"/openai/v1/responses/{first['id']}").status_code == 404
    assert emulator.post(previous_response_id=first["id"]).status_code == 400
    assert len(emulator.get(f"/{second['id']}/input_items").json()["data"]) == 3
    asked = emulator.create(input="What is my name?", previous_response_id=second["id"])
    assert "**Ada**" in text_of(asked)


def test_openai_words_a_deletion_in_its_own_way(emulator: Running) -> None:
    made = emulator.create()
    headers = {"authorization": "Bearer key-of-the-emulator-tests"}
    deleted = emulator.http.delete(f"/v1/responses/{made['id']}", headers=headers)
    assert deleted.json()["object"] == "response"


def test_an_item_is_sent_by_reference_as_long_as_it_is_stored(emulator: Running) -> None:
    made = emulator.create(input="My name is Ada")
    item = emulator.get(f"/{made['id']}/input_items").json()["data"][0]["id"]
    request = [{"type": "item_reference", "id": item}, {"role": "user", "content": "What is my name?"}]
    assert "**Ada**" in text_of(emulator.create(input=request, store=False))
    emulator.http.delete(f"/openai/v1/responses/{made['id']}")
    refused = emulator.post(input=request)
    assert refused.status_code == 400
    assert "Items are not persisted" in refused.json()["error"]["message"]


def test_responses_expire_after_30_days(emulator: Running) -> None:
    made = emulator.create()
    emulator.control("PUT", "clock", {"advance": 30 * DAY - 60})
    assert emulator.get(f"/{made['id']}").status_code == 200
    emulator.control("PUT", "clock", {"advance": 61})
    assert emulator.get(f"/{made['id']}").status_code == 404
    assert emulator.post(previous_response_id=made["id"]).status_code == 400
    emulator.create()
    assert made["id"] not in [each["id"] for each in emulator.control("GET", "responses")["responses"]]


def test_responses_can_be_listed_only_where_that_is_switched_on(emulator: Running) -> None:
    made = [emulator.create()["id"] for _ in range(3)]
    assert emulator.get("").status_code == 404
    emulator.control("PATCH", "settings", {"list_enabled": True})
    first = emulator.get("", limit=2).json()
    rest = emulator.get("", after=first["last_id"]).json()
    assert [each["id"] for each in [*first["data"], *rest["data"]]] == made[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    oldest = emulator.get("", order="asc", before=made[1]).json()
    assert [each["id"] for each in oldest["data"]] == made[:1]


def test_a_long_prefix_seen_before_is_counted_as_cached(emulator: Running) -> None:
    long = "Some words that fill a prompt. " * 400
    first = emulator.create(input=long)
    again = emulator.create(input="And now?", previous_response_id=first["id"])
    other = emulator.create(input="x" + long)
    details = [made["usage"]["input_tokens_details"]["cached_tokens"] for made in (first, again, other)]
    assert details[0] == details[2] == 0
    assert 1024 <= details[1] <= again["usage"]["input_tokens"]
    assert details[1] % 128 == 0


def test_a_short_prefix_is_never_counted_as_cached(emulator: Running) -> None:
    for _ in range(2):
        made = emulator.create(input="Some words. " * 200)
        assert made["usage"]["input_tokens_details"]["cached_tokens"] == 0


def test_input_that_the_model_cannot_hold_is_refused(emulator: Running) -> None:
    refused = emulator.post("tiny-context", input="word " * 3000)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "context_length_exceeded"

"""The comparison of ledger and upstream names whatever differs, and nothing else."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.stored.comparison import Kind, align, compare, of_pairs
from conversations.stored.words import mark

Json = dict[str, Any]


def message(text: str, identity: str = "", role: str = "assistant") -> Json:
    kind = "output_text" if role == "assistant" else "input_text"
    given = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
    return {"id": identity, **given} if identity else given


RESPONSE: Json = {
    "status": "completed",
    "model": "gpt-5.1",
    "instructions": "Be brief.",
    "tools": [{"type": "function", "name": "clock", "parameters": {"type": "object"}}],
    "metadata": {"run_id": "one"},
    "temperature": 0.5,
    "parallel_tool_calls": True,
    "usage": {"input_tokens": 9, "output_tokens": 4},
    "output": [
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Thinking"}]},
        message("The quick brown fox", "msg_1"),
        message("jumps over the dog", "msg_2"),
    ],
}


def changed(**fields: Any) -> Json:
    return copy.deepcopy(RESPONSE) | fields


def named(there: Json) -> list[tuple[Kind, tuple[str | int, ...]]]:
    return [(each.kind, each.path) for each in compare(RESPONSE, there).differences]


def test_a_copy_is_the_same() -> None:
    assert compare(RESPONSE, changed()).same


def test_null_an_empty_list_and_an_absent_key_are_the_same() -> None:
    there = changed(error=None, incomplete_details={}, reasoning=None)
    there["output"][1]["content"][0]["annotations"] = []
    assert compare(RESPONSE | {"error": None}, there).same


def test_what_the_request_left_to_upstream_is_told_apart() -> None:
    compared = compare(RESPONSE, changed(truncation="disabled", top_p=1))
    assert compared.same
    assert compared.only_upstream == ["top_p", "truncation"]


def test_a_changed_word_is_named_with_its_item() -> None:
    there = changed()
    there["output"][1]["content"][0]["text"] = "The quick red fox"
    assert named(there) == [(Kind.CHANGED, ("output", 1, "content", 0, "text"))]


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_missing_item_is_named(gone: int) -> None:
    there = changed()
    del there["output"][gone]
    assert named(there) == [(Kind.MISSING, ("output", gone))]


@pytest.mark.parametrize("at", [0, 1, 3])
def test_an_added_item_is_named_and_stands_where_upstream_has_it(at: int) -> None:
    there = changed()
    there["output"].insert(at, message("Something else", "msg_9"))
    compared = compare(RESPONSE, there)
    assert [(each.kind, each.path) for each in compared.differences] == [(Kind.ADDED, ("output", at))]
    assert [pair.kind for pair in compared.output].index(Kind.ADDED) == at


def test_another_order_is_named() -> None:
    there = changed()
    there["output"].insert(0, there["output"].pop())
    assert named(there) == [(Kind.MOVED, ("output", 2))]


def test_another_id_is_named_though_the_words_are_the_same() -> None:
    there = changed()
    there["output"][1]["id"] = "msg_other"
    assert named(there) == [(Kind.CHANGED, ("output", 1, "id"))]


def test_input_as_it_was_sent_is_the_same_as_what_upstream_made_of_it() -> None:
    sent = [{"role": "user", "content": "Hello"}, message("Hi"), message("Again", role="user")]
    kept = [
        message("Hello", "msg_a", "user") | {"status": "completed"},
        message("Hi", "msg_b") | {"status": "completed"},
        message("Again", "msg_c", "user"),
    ]
    assert not of_pairs("input", align(sent, kept, sent=True))
    assert len(of_pairs("input", align(sent, kept[:2], sent=True))) == 1


def test_the_same_words_said_twice_are_two_items() -> None:
    twice = [message("Yes", role="user"), message("Yes", role="user")]
    assert [one.kind for one in of_pairs("input", align(twice, twice[:1]))] == [Kind.MISSING]


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    if isinstance(value, dict | list) and value:
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return [
            *([path] if path else []),
            *(place for key, one in inner for place in paths(one, (*path, key))),
        ]
    return [path]


def other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + " else"
    return "something else"


texts = st.text(min_size=1, max_size=12)
items = st.lists(st.builds(message, texts, texts | st.just("")), max_size=5)
usages = st.dictionaries(texts, st.integers(min_value=0))
responses = st.fixed_dictionaries(
    {"output": items, "status": texts, "metadata": st.dictionaries(texts, texts), "usage": usages}
)


@given(responses, st.data())
def test_whatever_single_change_is_made_is_named(here: Json, data: st.DataObject) -> None:
    there = copy.deepcopy(here)
    *way, last = data.draw(st.sampled_from([place for place in paths(here) if place]))
    holder = there
    for key in way:
        holder = holder[key]
    was = holder[last]
    if was not in (None, "", [], {}) and data.draw(st.booleans()):
        del holder[last]
    else:
        holder[last] = other(was)
    assert compare(here, copy.deepcopy(here)).same
    assert not compare(here, there).same


@given(items, st.data())
def test_whatever_item_is_added_or_moved_is_named(here: list[Json], data: st.DataObject) -> None:
    there = copy.deepcopy(here)
    at = data.draw(st.integers(min_value=0, max_value=len(here)))
    there.insert(at, message("never drawn, since it is too long", "msg_new"))
    assert [(one.kind, one.path) for one in of_pairs("output", align(here, there))] == [
        (Kind.ADDED, ("output", at))
    ]
    del there[at]
    there.reverse()
    assert bool(of_pairs("output", align(here, there))) == (there != here)


@given(st.text(), st.text())
def test_marked_words_are_still_the_whole_text(here: str, there: str) -> None:
    left, right = mark(here, there)
    assert ("".join(text for text, _ in left), "".join(text for text, _ in right)) == (here, there)
    assert any(differs for _, differs in [*left, *right]) == (here != there)


def test_only_the_words_that_differ_are_marked() -> None:
    left, right = mark("The quick brown fox", "The quick red fox")
    assert left == [("The quick ", False), ("brown", True), (" fox", False)]
    assert right == [("The quick ", False), ("red", True), (" fox", False)]

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.responses_api import repair, repair_text
from conversations.responses_api.jsons import Malformed, dumps, loads


@pytest.mark.parametrize(
    ("broken", "whole", "count"),
    [
        ("plain", "plain", 0),
        ("h\u00e9 😀", "h\u00e9 😀", 0),
        ("a\x00b", "a\ufffdb", 1),
        ("a\ud83d", "a\ufffd", 1),
        ("\ude00a\ud83d", "\ufffda\ufffd", 2),
        ("\ud83d\ude00", "😀", 0),
        ("\ude00\ud83d", "\ufffd\ufffd", 2),
    ],
)
def test_what_no_database_holds_is_replaced_and_counted(broken: str, whole: str, count: int) -> None:
    assert repair_text(broken) == (whole, count)


def test_a_value_is_repaired_to_its_keys() -> None:
    assert repair({"a\x00": ["\ud83d", {"b": "ok"}, 1, None]}) == (
        {"a\ufffd": ["\ufffd", {"b": "ok"}, 1, None]},
        2,
    )


TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\x00\ud83d\ude00\ufffd")))


@settings(derandomize=True, deadline=None)
@given(TEXT)
def test_repaired_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    whole, _ = repair_text(text)
    whole.encode()
    assert "\x00" not in whole
    assert repair_text(whole) == (whole, 0)


@settings(derandomize=True, deadline=None)
@given(
    st.recursive(
        st.one_of(TEXT, st.integers(-(2**63), 2**63 - 1), st.none()),
        lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    )
)
def test_json_of_any_text_comes_in_repaired(value: object) -> None:
    read, _ = loads(json.dumps(value).encode())
    assert read == repair(value)[0]


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert loads(b'{"a":"\\\\u0000"}') == ({"a": "\\u0000"}, 0)


def test_numbers_that_are_none_become_null() -> None:
    assert loads(b'{"a":NaN}') == ({"a": None}, 0)


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert loads(b'{"a":"\xff"}')[0] == {"a": "\ufffd"}


@pytest.mark.parametrize(
    "broken", [b"", b"{", b'{"a":', b"<html>", b"[" * 100_000, b"[" * 3_000 + b'"\\u0000"' + b"]" * 3_000]
)
def test_what_is_not_json_says_so(broken: bytes) -> None:
    with pytest.raises(Malformed):
        loads(broken)


def test_a_request_with_half_an_emoji_is_repaired_before_it_is_sent() -> None:
    assert json.loads(dumps({"input": "a\ud83d"})) == {"input": "a\ufffd"}

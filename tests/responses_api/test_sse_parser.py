from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.responses_api import sse
from conversations.responses_api.sse import Message, SSEParser, TooLarge


def parse(*chunks: bytes) -> list[Message]:
    parser = SSEParser()
    messages = [message for chunk in chunks for message in parser.feed(chunk)]
    return messages + parser.close()


def test_an_event_is_its_name_and_its_data() -> None:
    assert parse(b'event: response.created\ndata: {"a":1}\n\n') == [(b"response.created", b'{"a":1}')]


def test_an_event_needs_no_name() -> None:
    assert parse(b"data: 1\n\ndata: 2\n\n") == [(b"", b"1"), (b"", b"2")]


def test_a_name_does_not_leak_into_the_next_event() -> None:
    assert parse(b"event: lonely\n\ndata: 1\n\n") == [(b"", b"1")]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_all_three_newlines_end_a_line(newline: bytes) -> None:
    assert parse(newline.join([b"event: x", b"data: 1", b"", b"data: 2", b"", b""])) == [
        (b"x", b"1"),
        (b"", b"2"),
    ]


def test_data_of_several_lines_is_joined() -> None:
    assert parse(b'data: {"a":\ndata: 1}\n\n') == [(b"", b'{"a":\n1}')]


def test_comments_ids_retries_and_unknown_fields_are_skipped() -> None:
    assert parse(b": ping\nid: 7\nretry: 10\nfoo: bar\nnonsense\ndata:1\n\n: ping\n\n") == [(b"", b"1")]


def test_only_one_space_after_the_colon_belongs_to_the_field() -> None:
    assert parse(b"data:  1\n\n") == [(b"", b" 1")]


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse(b"\xef\xbb", b"\xbfdata: 1\n\n") == [(b"", b"1")]


def test_the_end_stands_in_for_a_missing_blank_line() -> None:
    assert parse(b"data: 1\n\ndata: 2") == [(b"", b"1"), (b"", b"2")]


def test_an_event_comes_out_as_soon_as_its_blank_line_has_begun() -> None:
    parser = SSEParser()
    assert parser.feed(b"data: 1\r\n\r") == [(b"", b"1")]
    assert parser.feed(b"\ndata: 2\r\n\r\n") == [(b"", b"2")]


def test_an_endless_event_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 100)
    for piece in (b"data: 1234", b"data: 1234\n"):
        with pytest.raises(TooLarge):
            parse(*[piece] * 40)


LINES = st.sampled_from(
    [
        *(
            b"event: response.created",
            b"data: {}",
            b'data: {"delta":"h\xc3\xa9 \xf0\x9f\x98\x80"}',
            b"data:x",
        ),
        *(b": ping", b"", b"", b"data", b"id: 1", b"event:"),
    ]
)
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=30).map(
    lambda lines: b"".join(line + newline for line, newline in lines)
)


@settings(derandomize=True, deadline=None)
@given(stream=STREAMS, cuts=st.lists(st.integers(0, 400), max_size=40))
def test_any_chunking_yields_the_same_events(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(edges)]
    assert parse(*chunks) == parse(stream)
    assert parse(*(stream[at : at + 1] for at in range(len(stream)))) == parse(stream)

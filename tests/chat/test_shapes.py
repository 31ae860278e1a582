"""Whatever a server says: items and events of every type of the SDK, whole and spoilt, break nothing here."""

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent

from conversations.chat.transcript import Transcript, coalesce
from conversations.stored import items
from conversations.stored.folding import indexed
from conversations.stored.wording import words_of
from tests import shapes
from tests.node import Script, script
from tests.shapes import SOME

Json = dict[str, Any]


@pytest.fixture(scope="module")
def page() -> Iterator[Script]:
    with script("drawing.mjs") as running:
        yield running


def folded(events: list[Json]) -> Json:
    transcript = Transcript()
    for event in copy.deepcopy(events):
        transcript.apply(event)
    return {
        "items": transcript.items,
        "status": transcript.status,
        "upstream_seq": transcript.upstream_seq,
    }


def test_the_types_are_the_sdks() -> None:
    assert len(shapes.members(ResponseStreamEvent)) > 50
    assert len(shapes.KNOWN) > 25


@SOME
@given(shapes.events())
def test_the_page_and_the_worker_make_the_same_of_any_stream(page: Script, events: list[Json]) -> None:
    assert page.ask({"do": "fold", "events": events}) == folded(events)


@SOME
@given(shapes.events(), st.integers(0, 12))
def test_any_stream_may_be_cut_and_joined(events: list[Json], at: int) -> None:
    merged = [*coalesce(copy.deepcopy(events[:at])), *coalesce(copy.deepcopy(events[at:]))]
    assert folded(merged) == folded(events)
    assert all(isinstance(item, dict) for item in folded(events)["items"])
    orjson.dumps(folded(events))


@SOME
@given(st.lists(shapes.ITEMS, max_size=4))
def test_the_page_draws_any_item_and_nothing_in_it_harms(page: Script, drawn: list[Json]) -> None:
    assert "trouble" not in page.ask({"do": "draw", "items": drawn})


@settings(SOME, max_examples=300)
@given(st.lists(shapes.ITEMS, min_size=1, max_size=8))
def test_the_ledger_keeps_any_item(kept: list[Json]) -> None:
    for item in kept:
        columns = items.columns(item)
        assert columns["payload"] is item
        assert all(isinstance(columns[name], str) for name in ("item_id", "type", "role", "text"))
        sent = items.sendable(copy.deepcopy(item))
        assert sent is None or "status" not in sent
        assert isinstance(indexed(words_of(item)), str)
    assert items.size_of(kept) > 0

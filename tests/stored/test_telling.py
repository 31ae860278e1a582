"""Items beside words, line by line: at the desk, in exports and for the search."""

import copy
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.admin import showing
from conversations.chat import turns
from conversations.models import Conversation, Response, User
from conversations.models.responses import Direction
from conversations.stored import items, searching
from conversations.stored.formats import pages, texts
from conversations.stored.telling import cited, told
from tests import shapes

Json = dict[str, Any]
WEB: Json = {
    "type": "web_search_call",
    "id": "ws_1",
    "status": "completed",
    "action": {
        "type": "search",
        "query": "retention",
        "sources": [{"type": "url", "url": "https://a.test/"}],
    },
}
FILES: Json = {
    "type": "file_search_call",
    "queries": ["holidays"],
    "results": [
        {"filename": "handbook.pdf", "score": 1.0, "text": "Two weeks ahead."},
        {"filename": "notes.md", "score": 0.5, "text": "None."},
    ],
}
CODE: Json = {
    "type": "code_interpreter_call",
    "code": "print('```')",
    "outputs": [{"type": "logs", "logs": "```\n"}],
}
SAID: Json = {
    "type": "message",
    "role": "assistant",
    "content": [
        {
            "type": "output_text",
            "text": "So it is.",
            "annotations": [
                {
                    "type": "url_citation",
                    "title": "A page",
                    "url": "https://a.test/",
                    "start_index": 0,
                    "end_index": 2,
                },
                {"type": "url_citation", "title": "A page", "url": "https://a.test/"},
                {"type": "file_citation", "file_id": "file_1", "filename": "handbook.pdf", "index": 3},
            ],
        }
    ],
}


def test_what_belongs_to_one_result_stands_together() -> None:
    assert [line.text for line in told(FILES)] == [
        *("holidays", "handbook.pdf", "1.0", "Two weeks ahead."),
        *("notes.md", "0.5", "None."),
    ]
    assert [line.path for line in told(WEB)] == [("action", "query"), ("action", "sources", 0, "url")]


def test_a_source_is_told_once() -> None:
    assert [line.text for line in cited(SAID)] == ["A page, https://a.test/", "handbook.pdf, file_1"]


@pytest.fixture
def response(alice: User, conversation: Conversation) -> Response:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="Go", tip=None)
    return turn.responses.get()


def exported(response: Response, *output: Json) -> tuple[str, str]:
    """As Markdown and as a page."""
    response.items.filter(direction=Direction.OUTPUT).delete()
    items.add(response, Direction.OUTPUT, output)
    searching.index(response)
    return tuple(  # type: ignore[return-value]  # two of them
        "".join(part for _name, parts in form.files(iter([response])) for part in parts)
        for form in (texts, pages)
    )


@pytest.mark.django_db(transaction=True)
def test_exports_tell_what_tools_did_and_what_an_answer_rests_on(response: Response) -> None:
    text, page = exported(response, WEB, FILES, CODE, SAID)
    assert "*Query*: retention" in text
    assert "*File*: handbook.pdf" in text
    assert "````\nprint('```')\n````" in text
    assert "*Source*: A page, https://a.test/" in text
    assert '<p class="label">Code</p><div class="said code">print(&#x27;```&#x27;)</div>' in page
    assert '<p class="label">Source</p><div class="said">handbook.pdf, file_1</div>' in page


def test_the_desk_tells_the_same_and_draws_what_is_a_picture() -> None:
    drawn: Json = {
        "type": "image_generation_call",
        "result": "iVBORw0KGgo=",
        "revised_prompt": "A lighthouse",
    }
    web, picture, said = (showing.shown(each, 0).blocks for each in (WEB, drawn, SAID))
    assert [(block.label, block.segments[0][0]) for block in web] == [
        ("Query", "retention"),
        ("Source", "https://a.test/"),
    ]
    assert picture[-1].picture == "data:image/png;base64,iVBORw0KGgo="
    assert [block.label for block in said] == ["", "Source", "Source"]


@pytest.mark.django_db(transaction=True)
@settings(shapes.SOME, max_examples=20)
@given(drawn=st.lists(shapes.ITEMS, min_size=1, max_size=6))
def test_no_item_breaks_desk_exports_or_search(response: Response, drawn: list[Json]) -> None:
    exported(response, *copy.deepcopy(drawn))
    assert len(showing.alone(drawn)) == len(drawn)

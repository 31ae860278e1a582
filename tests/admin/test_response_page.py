"""A response's page without a browser: what it says closed and open, and what it shows safely."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from conversations import clock
from conversations.admin import files, showing
from conversations.models import Attachment, AuditEntry, Conversation, Deletion, Response, User
from conversations.models.audit import Action
from conversations.models.people import Role
from conversations.models.responses import Direction
from conversations.stored import items, references
from conversations.stored.comparison import align
from tests.attached import attached
from tests.stored.calls import declined, stepped
from tests.stored.rows import add_response

PIXEL = "data:image/png;base64," + base64.b64encode(b"not really a picture").decode()
DRAWING = "data:image/svg+xml;base64," + base64.b64encode(b"<svg onload='alert(1)'/>").decode()

pytestmark = pytest.mark.django_db


@pytest.fixture
def response(conversation: Conversation) -> Response:
    now = clock.now()
    known = {"response_id": "resp_1", "upstream_state": "stored", "expires_at": now + timedelta(days=9)}
    fields: dict[str, Any] = {**known, "model": "gpt-5.1"}
    return add_response(conversation, ("A secret question", "A secret answer"), **fields)


@pytest.fixture
def oscar(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("oscar", role=Role.OPERATOR))
    return client


def door(response: Response, name: str = "change") -> str:
    return f"/admin/conversations/response/{response.pk}/{name}/"


def read(client: Client, response: Response) -> str:
    return client.get(door(response)).content.decode()


def test_calls_of_tools_say_who_decided_and_under_a_grant_what_was_said(
    oscar: Client, response: Response, bob: User
) -> None:
    declined(response, bob)
    closed = read(oscar, response)
    assert "get_weather" in closed
    assert "decided by Bob" in closed
    assert "secret" not in closed
    oscar.post(door(response, "grant"), {"reason": "A complaint"})
    opened = read(oscar, response)
    assert "A secret place" in opened
    assert "A secret reason" in opened


def test_steps_in_a_browser_say_who_decided_and_under_a_grant_what_was_seen(
    oscar: Client, response: Response, bob: User
) -> None:
    stepped(response, bob, "a" * 64)
    closed = read(oscar, response)
    assert "sensitive_domain" in closed
    assert "decided by Bob" in closed
    assert "secret" not in closed
    assert "a" * 64 not in closed
    oscar.post(door(response, "grant"), {"reason": "A complaint"})
    opened = read(oscar, response)
    for told in ("A secret name", "/secret", "A secret page", "A secret order", f"/files/{'a' * 64}/"):
        assert told in opened


def test_it_says_all_but_the_words_until_there_is_a_reason(oscar: Client, response: Response) -> None:
    closed = read(oscar, response)
    assert "It is stored upstream until" in closed
    assert "Why do you need to read this?" in closed
    assert "secret" not in closed
    assert oscar.post(door(response, "grant"), {"reason": "A complaint"}).status_code == 302
    opened = read(oscar, response)
    assert "A secret question" in opened
    assert "A secret answer" in opened
    read(oscar, response)
    assert AuditEntry.objects.filter(action=Action.CONTENT_READ, subject_id=str(response.pk)).count() == 1


def test_what_is_nested_without_end_is_cut_and_says_so(oscar: Client, response: Response) -> None:
    deep: Any = "the bottom"
    for _level in range(400):
        deep = {"inner": [deep]}
    item: Any = {"type": "odd_call", "id": "odd_1", "action": deep}
    response.items.filter(direction=Direction.OUTPUT).delete()
    items.add(response, Direction.OUTPUT, [item])
    response.parameters = {"text": deep}
    response.save()
    oscar.post(door(response, "grant"), {"reason": "A complaint"})
    shown = read(oscar, response)
    assert "Nested more than 64 levels deep" in shown
    assert "the bottom" not in shown


def test_without_a_reason_it_stays_closed(oscar: Client, response: Response) -> None:
    answer = oscar.post(door(response, "grant"), {"reason": " "})
    assert answer.status_code == 400
    assert "Say why you need to read this" in answer.content.decode()
    assert oscar.post(door(response, "input-items")).status_code == 403


def test_an_endpoint_that_is_away_is_told_with_advice_and_changes_nothing(
    oscar: Client, response: Response
) -> None:
    said = oscar.post(door(response, "retrieve")).content.decode()
    assert "Nothing was changed here" in said
    before = response.upstream_state, response.upstream_seen_at
    response.refresh_from_db()
    assert (response.upstream_state, response.upstream_seen_at) == before


def test_a_hold_stands_on_the_page_and_forbids_to_delete(oscar: Client, response: Response) -> None:
    by = User.objects.get(username="oscar")
    response.holds.create(reason="Case 12", placed_by=by, starts_at=clock.now() - timedelta(days=1))
    assert "the hold “Case 12” forbids deleting it" in read(oscar, response)
    page = oscar.get(door(response, "delete-upstream")).content.decode()
    assert "It can't be deleted" in page
    assert "Delete this response upstream" not in page
    assert oscar.post(door(response, "delete-upstream"), {"reason": "Now"}).status_code == 409
    assert not Deletion.objects.exists()


def test_an_unknown_id_says_why_it_cannot_be_deleted(oscar: Client, conversation: Conversation) -> None:
    lost = add_response(conversation, upstream_state="not_learned")
    page = oscar.get(door(lost, "delete-upstream")).content.decode()
    assert "Its id was never learned" in page
    assert oscar.post(door(lost, "retrieve")).status_code == 409


def test_auditors_see_no_way_to_delete(response: Response) -> None:
    client = Client()
    client.force_login(User.objects.create_user("audrey", role=Role.AUDITOR))
    assert "Delete upstream" not in read(client, response)


def parts(*given: dict[str, Any]) -> list[showing.Block]:
    return showing.shown({"type": "message", "role": "user", "content": list(given)}, 0).blocks


def test_pictures_are_drawn_from_data_only_and_never_as_svg() -> None:
    drawn, svg, far = parts(
        {"type": "input_image", "image_url": PIXEL},
        {"type": "input_image", "image_url": DRAWING},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
    )
    assert drawn.picture == PIXEL
    assert "SHA-256" in drawn.facts
    assert svg.picture == far.picture == ""
    assert "image/svg+xml" in svg.facts
    assert far.facts == "https://example.com/a.png"


def test_files_are_told_by_name_size_and_hash() -> None:
    data = "data:application/pdf;base64," + base64.b64encode(b"12345").decode()
    (block,) = parts({"type": "input_file", "filename": "plan.pdf", "file_data": data})
    assert block.name == "plan.pdf"
    assert "5\xa0bytes" in block.facts
    assert "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5" in block.facts


@pytest.mark.parametrize(
    "item",
    [
        {"type": "message", "role": "user", "content": None},
        {"type": "message", "content": [None, 5, "text", {"type": "else"}]},
        {"type": "function_call", "arguments": {"a": 1}, "name": None},
        {"type": "function_call_output", "output": [{"type": "input_image", "image_url": "data:;base64,!"}]},
        {"type": "reasoning", "summary": "text"},
        {"id": 5},
    ],
)
def test_an_odd_item_breaks_no_page(item: dict[str, Any], oscar: Client, response: Response) -> None:
    response.items.update(payload=item)
    oscar.post(door(response, "grant"), {"reason": "A complaint"})
    assert oscar.get(door(response)).status_code == 200


def test_files_are_shown_to_those_who_may_read_with_a_document_s_text(
    oscar: Client, response: Response
) -> None:
    picture, report = attached(response, "Site plan"), attached(response, "Secret total")
    Attachment.objects.filter(pk=report.pk).update(content_type="application/pdf", pages=3, text_pages=1)
    parts = [
        {"type": "input_image", "image_url": f"attachment:{picture.content_id}"},
        {"type": "input_file", "filename": "a.pdf", "file_data": f"attachment:{report.content_id}"},
    ]
    response.items.filter(direction=Direction.INPUT).delete()
    items.add(response, Direction.INPUT, [items.message("See here", parts)])
    assert oscar.get(door(response, f"files/{picture.content_id}")).status_code == 404
    oscar.post(door(response, "grant"), {"reason": "A complaint"})
    shown = read(oscar, response)
    assert f'<img class="picture" src="{door(response, f"files/{picture.content_id}")}"' in shown
    assert f'<a href="{door(response, f"files/{report.content_id}")}"' in shown
    assert "Secret total\n\nHere ends what was read: 1 of 3 pages." in shown
    assert shown.count('<img class="picture"') == 1
    answer = oscar.get(door(response, f"files/{picture.content_id}"))
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert oscar.get(door(response, "files/" + "0" * 64)).status_code == 404


def test_a_picture_that_upstream_has_too_is_no_difference(conversation: Conversation) -> None:
    row = add_response(conversation, ("", ""))
    kept = attached(row, "picture")
    url = "data:image/png;base64," + base64.b64encode(b"picture").decode()
    here = [items.message("", [{"type": "input_image", "image_url": f"attachment:{kept.content_id}"}])]
    there = items.message("", [{"type": "input_image", "image_url": url, "detail": "auto"}])
    there |= {"id": "msg_1", "status": "completed"}
    (pair,) = align(here, references.named_as_here([there], files.named(row)), sent=True)
    assert pair.kind is None
    (other,) = align(
        here, [there | {"content": [{"type": "input_image", "image_url": url + "AA"}]}], sent=True
    )
    assert other.kind is not None

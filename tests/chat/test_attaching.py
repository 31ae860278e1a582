"""Pictures and documents in a turn: how they are sent, kept, shown and refused."""

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from conversations import clock
from conversations.chat import attaching, history, snapshots, turns
from conversations.chat.refusals import Refusal
from conversations.chat.requests import body
from conversations.models import Attachment, Conversation, Endpoint, Item, Response, StoredFile, Turn, User
from conversations.models.responses import Direction, History
from conversations.stored import items, references
from conversations.stored.capabilities import abilities_of
from tests.attached import uploaded

pytestmark = pytest.mark.django_db

PICTURE, PDF = b"\xff\xd8\xff of a cat", b"%PDF-1.7 of a report"
BIG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def send(
    user: User, talk: Conversation, *files: Attachment | dict[str, Any], text: str = "What is it?"
) -> Turn:
    named = [{"id": str(file.pk)} if isinstance(file, Attachment) else file for file in files]
    return turns.send_message(user, talk.pk, client_key=uuid4(), text=text, tip=None, attached=named)


def wire(turn: Turn) -> Any:
    """The input of the request for a turn, as it leaves."""
    response = turn.responses.latest("attempt")
    given = attaching.fitting(history.gather(response))
    return references.spelt_out(response, body(response, given))["input"]


def url(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def ended(turn: Turn, **fields: Any) -> None:
    known = {
        "status": "completed",
        "ended_at": clock.now(),
        "response_id": f"resp_{uuid4().hex}",
        "upstream_state": "stored",
        "expires_at": clock.now() + timedelta(days=30),
    }
    turn.responses.update(**known | fields)


def refused(user: User, talk: Conversation, *files: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        send(user, talk, *files)
    assert not Turn.objects.exists()
    return caught.value


def test_a_picture_leaves_as_the_api_documents_it(alice: User, conversation: Conversation) -> None:
    picture = uploaded(alice, PICTURE, content_type="image/jpeg")
    turn = send(alice, conversation, picture, text="what is in this image?")
    # The sample of the API's guide, but for the type that it leaves to the default.
    assert wire(turn) == [
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "what is in this image?"},
                {"type": "input_image", "image_url": url(PICTURE, "image/jpeg")},
            ],
        }
    ]
    kept = Item.objects.get().payload["content"][1]
    assert kept["image_url"] == f"attachment:{picture.content_id}"


@pytest.mark.parametrize("detail", ["low", "high"])
def test_how_closely_it_is_looked_at_can_be_chosen(
    alice: User, conversation: Conversation, detail: str
) -> None:
    turn = send(alice, conversation, {"id": str(uploaded(alice, PICTURE).pk), "detail": detail})
    assert wire(turn)[0]["content"][1]["detail"] == detail


def test_a_document_leaves_with_its_name(alice: User, conversation: Conversation) -> None:
    report = uploaded(alice, PDF, content_type="application/pdf", name="report.pdf", pages=2)
    turn = send(alice, conversation, report, text="")
    assert wire(turn)[0]["content"] == [
        {"type": "input_file", "filename": "report.pdf", "file_data": url(PDF, "application/pdf")}
    ]
    conversation.refresh_from_db()
    assert conversation.title == "report.pdf"


def test_a_chain_has_it_already_and_a_rebuilt_one_is_told_again(
    alice: User, conversation: Conversation
) -> None:
    first = send(alice, conversation, uploaded(alice, PICTURE))
    ended(first)
    second = send(alice, conversation, text="And now?")
    assert len(wire(second)) == 1
    Response.objects.filter(turn=first).update(upstream_state="deleted")
    assert wire(second)[0]["content"][1]["image_url"] == url(PICTURE, "image/png")


def test_another_attempt_has_the_same_files(alice: User, conversation: Conversation) -> None:
    turn = send(alice, conversation, uploaded(alice, PICTURE))
    ended(turn, status="failed")
    again = turns.retry_turn(alice, turn.pk, client_key=uuid4())
    assert again.attachments.get() == Attachment.objects.get()
    assert wire(turn)[0]["content"][1]["image_url"] == url(PICTURE, "image/png")


def test_what_a_conversation_shows_of_them(alice: User, conversation: Conversation) -> None:
    picture = uploaded(alice, PICTURE, width=40, height=30, alt="A cat")
    turn = send(alice, conversation, {"id": str(picture.pk), "detail": "high"})
    ((shown,), _earlier) = snapshots.turns_page(conversation)
    assert shown["attachments"] == snapshots.announced(turn)["attachments"]
    assert shown["attachments"] == [
        {
            "id": str(picture.pk),
            "name": "picture.png",
            "type": "image/png",
            "bytes": len(PICTURE),
            "width": 40,
            "height": 30,
            "pages": None,
            "alt": "A cat",
            "detail": "high",
        }
    ]
    assert turn.responses.get().size > len(PICTURE)


def test_what_isnt_ones_own_or_is_elsewhere_cant_be_sent(
    alice: User, bob: User, conversation: Conversation
) -> None:
    elsewhere = uploaded(alice, PICTURE, conversation=turns.start_conversation(alice, client_key=uuid4())[0])
    for file in (uploaded(bob, PICTURE), elsewhere, {"id": str(uuid4())}):
        assert refused(alice, conversation, file).code == "no_attachment"


def test_the_limits_of_one_request_hold_before_it_is_sent(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    small = uploaded(alice, PICTURE)
    assert refused(alice, conversation, *[small] * 101).code == "too_many_attachments"
    StoredFile.objects.update(size=30_000_000)
    assert str(refused(alice, conversation, small, small)) == (
        "The files have 60.0 MB together; the API takes less than 50.0 MB. Send them in parts."
    )


@pytest.mark.parametrize(
    "named",
    [
        "picture",
        ["picture"],
        [{"id": "picture"}],
        [{"id": None}],
        [{"url": "http://example.com/cat.png"}],
        [{"url": "https://["}],
        [{"url": 7}],
        [{"url": "https://example.com/cat.png", "detail": "blurred"}],
    ],
)
def test_what_makes_no_sense_is_refused_by_name(alice: User, conversation: Conversation, named: Any) -> None:
    with pytest.raises(Refusal) as caught:
        turns.send_message(alice, conversation.pk, client_key=uuid4(), text="", tip=None, attached=named)
    assert caught.value.code == "bad_attachment"


def test_an_address_goes_where_the_deployment_can(alice: User, conversation: Conversation) -> None:
    address = {"url": "https://example.com/cat.png", "detail": "low"}
    turn = send(alice, conversation, address)
    part = {"type": "input_image", "image_url": "https://example.com/cat.png", "detail": "low"}
    assert wire(turn)[0]["content"][1] == part
    ((shown,), _earlier) = snapshots.turns_page(conversation)
    assert shown["attachments"] == [
        {"id": None, "url": "https://example.com/cat.png", "name": "", "detail": "low"}
    ]


def test_what_the_deployment_cant_see_is_refused_with_the_reason(
    alice: User, conversation: Conversation
) -> None:
    Endpoint.objects.update(kind="azure_dated", api_version="2025-03-01-preview")
    said = refused(alice, conversation, {"url": "https://example.com/cat.png"})
    conversation.refresh_from_db()
    reason = abilities_of(conversation.deployment).why_not("image_urls")
    assert reason
    assert (said.code, str(said)) == ("bad_attachment", reason)


def test_a_file_is_opened_by_its_place_and_never_by_a_text(
    alice: User, bob: User, conversation: Conversation
) -> None:
    """Whoever knows a hash learns nothing by writing it, nor by naming a file of another conversation."""
    secret = uploaded(bob, PICTURE)
    name = references.reference(secret.content_id)
    turn = send(alice, conversation, text=name)
    assert wire(turn)[0]["content"] == [{"type": "input_text", "text": name}]
    part = {"type": "input_image", "image_url": name}
    assert references.spelt_out(turn.responses.get(), [part]) == [part]


@pytest.fixture
def answered(alice: User, conversation: Conversation) -> Response:
    return send(alice, conversation, text="Draw a cat").responses.get()


@pytest.mark.parametrize(
    "item",
    [
        {"type": "image_generation_call", "id": "ig_1", "result": base64.b64encode(BIG).decode()},
        {"type": "computer_call_output", "output": {"image_url": url(BIG, "image/png")}},
        {"type": "code_interpreter_call", "outputs": [{"type": "image", "url": url(BIG, "image/png")}]},
        {"type": "odd", "image_url": url(BIG, "image/svg+xml")},
    ],
)
def test_what_is_large_in_an_answer_is_kept_as_a_file_and_comes_back_byte_for_byte(
    answered: Response, item: dict[str, Any]
) -> None:
    kept = references.put_away(answered, [item])
    assert len(str(kept)) < 300
    assert references.named_in(kept) == [answered.attachments.get().content_id]
    assert references.spelt_out(answered, kept) == [item]
    assert references.put_away(answered, [item]) == kept
    assert answered.attachments.count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "data:image/png;base64," + "A" * 9000 + "!",
        "data:image/png;base64,\n" + "A" * 9000,
        "data:image/png;charset=x;base64," + "A" * 9000,
        "x" * 9000,
        "data:image/png;base64,AAAA",
    ],
)
def test_what_would_not_come_back_the_same_stays_where_it_is(answered: Response, text: str) -> None:
    item = {"type": "odd", "image_url": text, "text": url(BIG, "image/png")}
    assert references.put_away(answered, [item]) == [item]


def test_where_a_request_takes_no_more_the_oldest_files_are_left_out_and_that_is_said(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    for content in (b"one", b"two"):
        turn = send(alice, conversation, uploaded(alice, content))
        items.add(turn.responses.get(), Direction.OUTPUT, [])
        ended(turn, upstream_state="deleted")
    last = send(alice, conversation, uploaded(alice, b"three")).responses.get()
    settings.ATTACHMENTS_MAX = 2
    given = attaching.fitting(history.gather(last))
    assert given.how == History.REBUILT
    assert given.items[0]["content"][1] == attaching.LEFT_OUT
    assert len(references.named_in(given.items)) == 2
    assert "the oldest 1 files" in given.why

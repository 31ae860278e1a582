"""Uploading over HTTP, and who may look at what came in."""

import asyncio
import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from pytest_django import Settings

from conversations.api.upload_gate import UploadGate
from conversations.chat import turns
from conversations.chat.refusals import Refusal
from conversations.models import Attachment, Conversation, User
from tests import attached, pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def upload(client: Client, content: bytes, name: str = "site plan.png") -> Any:
    headers = {"X-File-Name": quote(name)}
    return client.post("/api/attachments/", content, "application/octet-stream", headers=headers)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def whole(answer: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in answer])

    return async_to_sync(read)()


def test_a_file_becomes_an_attachment(hers: Client) -> None:
    answer = upload(hers, pictures.picture(), "Pläne/Lage 1.png")
    assert answer.status_code == 201
    told = answer.json()
    assert told.pop("id")
    assert told == {
        "name": "Lage 1.png",
        "type": "image/png",
        "bytes": len(pictures.picture()),
        "width": 40,
        "height": 30,
        "pages": None,
        "alt": "",
    }


def test_what_is_refused_says_why(hers: Client) -> None:
    answer = upload(hers, pictures.SVG, "logo.svg")
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "drawing",
        "message": "“logo.svg” is an SVG drawing. Save it as PNG and attach that.",
    }
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("not-one.png", b"GIF89b and so on", "unknown"),
        ("script.svg", b"\xef\xbb\xbf" + pictures.SVG, "drawing"),
        ("script.png", pictures.SVG, "drawing"),
        ("page.pdf", b"<html><script>alert(1)</script></html>", "unknown"),
        ("pixels.png", pictures.bomb(), "too_many_pixels"),
        ("swollen.png", pictures.swollen(), "broken"),
        ("bomb.pdf", pictures.document_bomb(), "too_much_inside"),
        ("circle.pdf", pictures.document_in_a_circle(), "broken"),
        ("locked.pdf", pictures.document("Secret", password="x"), "locked"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_what_would_harm_is_refused_by_name_and_the_rest_of_the_draft_stays(
    hers: Client, alice: User, conversation: Conversation, name: str, content: bytes, code: str
) -> None:
    good = attached.uploaded(alice, b"waits with the draft")
    answer = upload(hers, content, name)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, code)
    assert f"“{name}”" in error["message"]
    assert list(Attachment.objects.all()) == [good]
    send(alice, conversation, [good])


def test_a_message_with_too_much_leaves_its_files_for_the_next(
    alice: User, conversation: Conversation, settings: Settings
) -> None:
    files = [attached.uploaded(alice, b"%d" % number) for number in range(101)]
    with pytest.raises(Refusal, match="101 files; the API takes 100 at once"):
        send(alice, conversation, files)
    settings.ATTACHMENT_BYTES = 150
    with pytest.raises(Refusal, match="Send them in parts"):
        send(alice, conversation, files[:100])
    assert not conversation.turns.exists()
    send(alice, conversation, files[:50])
    assert Attachment.objects.filter(conversation=conversation).count() == 50


def send(user: User, conversation: Conversation, files: list[Attachment]) -> None:
    named = [{"id": str(each.pk)} for each in files]
    turns.send_message(user, conversation.pk, client_key=uuid4(), text="", tip=None, attached=named)


def test_a_page_of_another_site_cant_upload(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert upload(client, pictures.picture()).status_code == 403


@pytest.mark.parametrize(("length", "status"), [(b"50000000", 413), (b"", 411), (b"49999999", 200)])
def test_the_size_is_looked_at_before_the_body(length: bytes, status: int) -> None:
    said: list[dict[str, Any]] = []

    async def app(_scope: object, _receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    headers = [(b"content-length", length)] if length else []
    scope = {"type": "http", "method": "POST", "path": "/api/attachments/", "headers": headers}
    asyncio.run(UploadGate(app)(scope, None, send))
    assert said[0]["status"] == status
    assert status == 200 or json.loads(said[1]["body"])["error"]["code"] in ("too_large", "no_length")


def test_what_is_not_sent_is_for_nobody_else(hers: Client, bob: User) -> None:
    key = upload(hers, pictures.picture()).json()["id"]
    assert whole(hers.get(f"/api/attachments/{key}/original/")) == pictures.picture()
    for door in ("", "original/", "thumbnail/"):
        assert as_(bob).get(f"/api/attachments/{key}/{door}").status_code in (404, 405)
    assert as_(bob).delete(f"/api/attachments/{key}/").status_code == 404
    assert Attachment.objects.exists()


def test_the_team_sees_what_was_sent(
    hers: Client, bob: User, carol: User, conversation: Conversation
) -> None:
    key = upload(hers, pictures.picture()).json()["id"]
    Attachment.objects.update(conversation=conversation)
    assert as_(bob).get(f"/api/attachments/{key}/thumbnail/").status_code == 200
    assert as_(carol).get(f"/api/attachments/{key}/thumbnail/").status_code == 404
    Conversation.objects.update(visibility="private")
    assert as_(bob).get(f"/api/attachments/{key}/thumbnail/").status_code == 404


def test_a_browser_may_draw_it_and_nothing_else(hers: Client) -> None:
    picture = upload(hers, pictures.picture()).json()["id"]
    answer = hers.get(f"/api/attachments/{picture}/original/")
    assert answer["Content-Disposition"] == 'inline; filename="site plan.png"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "image/png")
    document = upload(hers, pictures.document("One"), "one.pdf").json()["id"]
    assert hers.get(f"/api/attachments/{document}/original/")["Content-Disposition"].startswith("attachment")


def test_a_browser_that_has_it_gets_it_once(hers: Client) -> None:
    key = upload(hers, pictures.picture()).json()["id"]
    tag = hers.get(f"/api/attachments/{key}/original/")["ETag"]
    again = hers.get(f"/api/attachments/{key}/original/", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_what_it_shows_is_said_in_words_and_it_is_taken_back(hers: Client) -> None:
    key = upload(hers, pictures.picture()).json()["id"]
    said = hers.patch(f"/api/attachments/{key}/", {"alt": "A red square"}, "application/json")
    assert said.json()["alt"] == "A red square"
    assert hers.delete(f"/api/attachments/{key}/").status_code == 200
    assert not Attachment.objects.exists()

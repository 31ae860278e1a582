"""Members take their own along, and see what is stored of them and who has looked."""

import asyncio
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.test import Client
from pytest_django import Settings

from conversations import clock
from conversations.chat import turns
from conversations.models import Attachment, AuditEntry, Conversation, Export, Response, User
from conversations.models.exports import Format, Scope
from conversations.models.people import Role
from conversations.people import grants
from conversations.people.audit import person
from conversations.stored import exporting, own
from conversations.stored.exporting import Wanted
from tests.attached import attached, uploaded
from tests.stored.calls import stepped

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": tmp_path / "files"}
    default = settings.STORAGES["default"] | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.fixture
def answered(alice: User, conversation: Conversation) -> Response:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="A secret plan", tip=None)
    now = clock.now()
    rows = Response.objects.filter(turn=turn)
    rows.update(
        status="completed",
        ended_at=now,
        response_id="resp_1",
        upstream_state="stored",
        expires_at=now + timedelta(days=30),
    )
    return rows.get()


@pytest.fixture
def auditor(db: None) -> User:
    return User.objects.create_user("audrey", role=Role.AUDITOR, first_name="Audrey")


def entered(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(user: User, path: str, **body: Any) -> Any:
    return entered(user).post(path, json.dumps(body), content_type="application/json")


def whole(answer: Any) -> bytes:
    assert answer.status_code == 200

    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return asyncio.run(read())


def test_a_member_exports_a_conversation_and_fetches_the_archive(alice: User, answered: Response) -> None:
    answer = ask(alice, f"/api/conversations/{answered.conversation_id}/export/", format="md")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["status"], told["responses"]) == ("done", 1)
    assert entered(alice).get(f"/api/exports/{told['id']}/").json() == told
    fetched = entered(alice).get(told["download"])
    assert fetched["Content-Disposition"].startswith("attachment")
    with ZipFile(io.BytesIO(whole(fetched))) as archive:
        assert "> A secret plan" in archive.read(f"conversation-{answered.conversation_id}.md").decode()
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.actor_id, entry.details["scope"]) == (alice.pk, "conversation")


def test_nobody_else_gets_it(alice: User, bob: User, carol: User, auditor: User, answered: Response) -> None:
    path = f"/api/conversations/{answered.conversation_id}/export/"
    told = ask(alice, path, format="csv").json()
    for other in (bob, carol, auditor):
        assert entered(other).get(told["download"]).status_code == 404
        assert entered(other).get(f"/api/exports/{told['id']}/").status_code == 404
    assert Client().get(told["download"]).status_code == 302
    assert ask(carol, path, format="csv").status_code == 404
    assert ask(alice, path, format="pdf").status_code == 400
    assert Client().post(path).status_code == 401
    assert Export.objects.count() == 1


def test_a_right_that_was_lost_closes_what_it_had_opened(auditor: User, answered: Response) -> None:
    fields: dict[str, Any] = {"scope": Scope.SELECTION, "format": Format.CSV}
    made = exporting.begin(Wanted(actor=person(auditor), by=auditor, reason="Case", **fields))
    exporting.make(made.pk)
    path = f"/exports/{made.pk}/"
    assert len(whole(entered(auditor).get(path))) > 100
    User.objects.filter(pk=auditor.pk).update(role=Role.MEMBER)
    assert entered(User.objects.get(pk=auditor.pk)).get(path).status_code == 404


def test_a_large_one_is_left_to_a_worker(alice: User, answered: Response, settings: Settings) -> None:
    settings.EXPORT_AT_ONCE = 0
    told = ask(alice, "/api/exports/", format="jsonl").json()
    assert (told["status"], told["download"]) == ("running", None)
    assert 'http-equiv="refresh"' in entered(alice).get("/my-data/").content.decode()
    exporting.make(told["id"])
    assert entered(alice).get(f"/api/exports/{told['id']}/").json()["responses"] == 1


def test_my_data_says_what_is_where_until_when(alice: User, answered: Response) -> None:
    page = entered(alice).get("/my-data/").content.decode()
    assert "A secret plan" in page
    assert "127.0.0.1:9" in page
    assert f"{answered.expires_at:%Y}" in page
    assert "Nobody of the desk has opened or exported" in page


def test_my_data_counts_tasks_in_a_browser_and_what_one_decided(
    alice: User, bob: User, answered: Response
) -> None:
    assert 'id="browsed"' not in entered(alice).get("/my-data/").content.decode()
    stepped(answered, bob)
    assert own.browsed(alice) == {"tasks": 1, "steps": 1, "decided": 0}
    assert own.browsed(bob) == {"tasks": 0, "steps": 0, "decided": 1}
    assert "used a browser for 1 task" in entered(alice).get("/my-data/").content.decode()
    assert "On 1 step you decided" in entered(bob).get("/my-data/").content.decode()


def test_my_data_lists_files_with_the_day_that_unsent_ones_go(
    alice: User, bob: User, answered: Response
) -> None:
    sent, waiting = attached(answered, "site plan"), uploaded(alice, b"draft", name="draft.png")
    shown = entered(alice).get("/my-data/").content.decode()
    assert "2 pictures and documents" in shown
    assert (
        f'<a href="/api/attachments/{sent.pk}/original/" target="_blank" rel="noopener">site plan</a>'
        in shown
    )
    assert f'<a href="/api/attachments/{waiting.pk}/original/"' in shown
    assert "not sent; forgotten on" in shown
    other = entered(bob).get("/my-data/").content.decode()
    assert "site plan" not in other
    assert "draft.png" not in other


def test_my_data_keeps_the_name_of_a_file_that_one_can_no_longer_open(
    alice: User, bob: User, answered: Response
) -> None:
    theirs = attached(answered, "site plan")
    Attachment.objects.filter(pk=theirs.pk).update(person=bob)
    bob.memberships.all().delete()
    shown = entered(bob).get("/my-data/").content.decode()
    assert "site plan" in shown
    assert "One that you can no longer open" in shown
    assert f"/api/attachments/{theirs.pk}/" not in shown
    assert "A secret plan" not in shown


def test_my_data_says_who_has_looked_and_why(
    alice: User, bob: User, auditor: User, answered: Response
) -> None:
    assert answered.conversation is not None
    grants.grant(auditor, answered.conversation, "Ticket 12", actor=person(auditor))
    fields: dict[str, Any] = {"scope": Scope.SELECTION, "format": Format.CSV}
    made = exporting.begin(Wanted(actor=person(auditor), by=auditor, reason="Ticket 13", **fields))
    exporting.make(made.pk)
    page = entered(alice).get("/my-data/").content.decode()
    assert page.count("Audrey") == 2
    assert "Ticket 12" in page
    assert "Ticket 13" in page
    assert "Ticket 12" not in entered(bob).get("/my-data/").content.decode()


def test_my_data_shows_nothing_of_others(carol: User, answered: Response) -> None:
    page = entered(carol).get("/my-data/").content.decode()
    assert "A secret plan" not in page
    assert "Nothing of yours is stored yet" in page
    assert Client().get("/my-data/").status_code == 302


def test_everything_comes_as_one_archive(alice: User, answered: Response) -> None:
    client = entered(alice)
    assert client.post("/my-data/exports/", {"format": "html"}).status_code == 302
    assert client.post("/my-data/exports/", {"format": "exe"}).status_code == 400
    made = Export.objects.get()
    assert (made.scope, made.written, made.by) == ("own", 1, alice)
    assert f"/exports/{made.pk}/" in client.get("/my-data/").content.decode()

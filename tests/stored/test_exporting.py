"""What goes out of the ledger: whole, provable, safe to open, and only to those who may have it."""

import csv
import hashlib
import io
import json
import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import Settings

from conversations import clock
from conversations.chat import turns
from conversations.models import AuditEntry, Conversation, Export, Response, Team, User
from conversations.models.exports import Format, Scope
from conversations.models.people import Role
from conversations.models.responses import Direction
from conversations.people.audit import person
from conversations.stored import exporting, items, leases
from conversations.stored.exporting import NotYours, Wanted
from conversations.stored.formats.tables import neutral
from conversations.stored.selection import BadSelection
from tests.attached import uploaded
from tests.stored.calls import declined, stepped

pytestmark = pytest.mark.django_db(transaction=True)

EVIL = '=HYPERLINK("http://evil.example","<script>alert(1)</script>")'


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": tmp_path / "files"}
    default = settings.STORAGES["default"] | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": default}


def answered(user: User, conversation: Conversation, text: str, answer: str) -> Response:
    tip = conversation.turns.order_by("-number").values_list("pk", flat=True).first()
    turn = turns.send_message(user, conversation.pk, client_key=uuid4(), text=text, tip=tip)
    row = turn.responses.get()
    items.add(
        row, Direction.OUTPUT, [{"type": "message", "content": [{"type": "output_text", "text": answer}]}]
    )
    now = clock.now()
    Response.objects.filter(pk=row.pk).update(
        status="completed",
        ended_at=now,
        response_id=f"resp_{row.pk.hex}",
        expires_at=now + timedelta(days=30),
    )
    return row


@pytest.fixture
def talk(alice: User, conversation: Conversation) -> list[Response]:
    return [
        answered(alice, conversation, EVIL, "**No**, I won't."),
        answered(alice, conversation, "Grüße 你好", "`Hello`"),
    ]


@pytest.fixture
def auditor(db: None) -> User:
    return User.objects.create_user("audrey", role=Role.AUDITOR)


def export(user: User | None, kind: str = "jsonl", **fields: Any) -> Export:
    assert user is not None
    given: dict[str, Any] = {"scope": Scope.SELECTION, "reason": "Case 7", "by": user, "actor": person(user)}
    made = exporting.begin(Wanted(format=Format(kind), **(given | fields)))
    assert exporting.make(made.pk)
    made.refresh_from_db()
    return made


def contents(made: Export) -> dict[str, str]:
    """Files of the archive by name, after their hashes were compared with the manifest's."""
    with default_storage.open(made.file) as file, ZipFile(file) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    for listed in json.loads(found["manifest.json"])["files"]:
        data = found[listed["name"]]
        assert (len(data), hashlib.sha256(data).hexdigest()) == (listed["bytes"], listed["sha256"])
    return {name: data.decode() for name, data in found.items()}


def test_json_lines_have_all_that_is_kept(auditor: User, talk: list[Response]) -> None:
    found = contents(export(auditor, query="team=Research"))
    told = [json.loads(line) for line in found["responses.jsonl"].splitlines()]
    assert [each["id"] for each in told] == [str(row.pk) for row in reversed(talk)]
    assert told[1]["input"][0]["content"][0]["text"] == EVIL
    assert told[1]["output"] == [talk[0].items.get(direction="output").payload]
    assert (told[0]["person"], told[0]["team"], told[0]["status"]) == ("alice", "Research", "completed")


def test_the_manifest_and_the_audit_trail_prove_the_archive(auditor: User, talk: list[Response]) -> None:
    made = export(auditor)
    manifest = json.loads(contents(made)["manifest.json"])
    entry = AuditEntry.objects.get(action="exported")
    assert manifest["audit"]["head"] == entry.previous_hash
    assert manifest["counts"] == {"responses": 2, "items": 4, "conversations": 1}
    assert (manifest["by"], manifest["reason"]) == (f"user:audrey#{auditor.pk}", "Case 7")
    with default_storage.open(made.file) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == made.sha256 == entry.details["sha256"]
    assert (entry.reason, entry.subject_id) == ("Case 7", str(made.pk))
    assert EVIL not in json.dumps(entry.details)


def test_every_format_tells_what_became_of_a_call_and_who_decided(
    auditor: User, talk: list[Response], bob: User
) -> None:
    call = declined(talk[0], bob)
    lines = contents(export(auditor))["responses.jsonl"].splitlines()
    [told] = json.loads(lines[1])["calls"]
    assert (told["name"], told["state"], told["decided_by"]) == ("get_weather", "declined", "bob")
    assert (told["arguments"], told["output"], told["reason"]) == (call.arguments, call.output, call.reason)
    rows = csv.DictReader(io.StringIO(contents(export(auditor, "csv"))["responses.csv"]))
    assert list(rows)[1]["calls"].startswith("get_weather: Declined, by Bob on ")
    name = f"conversation-{talk[0].conversation_id}"
    text = contents(export(auditor, "md"))[f"{name}.md"]
    assert "**get_weather (Declined, by Bob on " in text
    assert '"error": "Declined by a person: A secret reason"' in text
    assert "get_weather (Declined, by Bob on " in contents(export(auditor, "html"))[f"{name}.html"]


def test_every_format_tells_the_steps_in_a_browser_with_their_pictures_and_decisions(
    auditor: User, alice: User, bob: User, conversation: Conversation
) -> None:
    picture = uploaded(alice, b"picture of a page")
    row = answered(alice, conversation, "Buy a lamp", "Done.")
    picture.responses.add(row)
    stepped(row, bob, picture.content_id)
    task = json.loads(contents(export(auditor))["responses.jsonl"])["computer"]
    (step,) = task["steps"]
    assert (task["reason"], task["sites"], step["decided_by"]) == ("done", ["shop.example.com"], "bob")
    assert (step["screenshot"], step["checks"][0]["decision"]) == (picture.content_id, "proceed")
    rows = csv.DictReader(io.StringIO(contents(export(auditor, "csv"))["responses.csv"]))
    assert next(rows)["steps"].startswith("1: Done, sensitive_domain: Proceed, decided by Bob on ")
    name = f"conversation-{conversation.pk}"
    for kind in ("md", "html"):
        text = contents(export(auditor, kind))[f"{name}.{kind}"]
        assert "Browser, step 1 (Done, sensitive_domain: Proceed, decided by Bob on " in text
        assert "type (text A secret name)" in text
        assert f"files/{picture.content_id}.png" in text


def test_a_spreadsheet_runs_nothing(auditor: User, talk: list[Response]) -> None:
    text = contents(export(auditor, "csv"))["responses.csv"]
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1]["input_text"] == "'" + EVIL
    assert rows[0]["input_text"] == "Grüße 你好"
    assert rows[0]["response_id"].startswith("resp_")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_could_be_a_formula_is_text(start: str) -> None:
    assert neutral(f"{start}1") == f"'{start}1"
    assert neutral(f"1{start}") == f"1{start}"


def test_markdown_and_html_read_like_the_conversation(auditor: User, talk: list[Response]) -> None:
    name = f"conversation-{talk[0].conversation_id}"
    text = contents(export(auditor, "md"))[f"{name}.md"]
    assert text.index(f"> {EVIL}") < text.index("**No**, I won't.") < text.index("> Grüße 你好")
    page = contents(export(auditor, "html"))[f"{name}.html"]
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "**No**, I won&#x27;t." in page


def test_who_is_limited_to_teams_exports_those_only(auditor: User, talk: list[Response], carol: User) -> None:
    auditor.limited_to.set(carol.teams.all())
    made = export(auditor)
    assert (made.written, made.expected) == (0, 0)
    assert contents(made)["responses.jsonl"] == ""


def test_rights_are_asked_again_when_the_file_is_written(auditor: User, talk: list[Response]) -> None:
    fields: dict[str, Any] = {"scope": Scope.SELECTION, "format": Format.CSV, "reason": "Case 7"}
    begun = exporting.begin(Wanted(actor=person(auditor), by=auditor, **fields))
    User.objects.filter(pk=auditor.pk).update(role=Role.MEMBER)
    exporting.make(begun.pk)
    begun.refresh_from_db()
    assert (begun.status, begun.file) == ("failed", "")
    with pytest.raises(NotYours):
        exporting.begin(Wanted(actor=person(auditor), by=User.objects.get(pk=auditor.pk), **fields))


def test_members_export_what_they_may_open(
    alice: User, bob: User, carol: User, talk: list[Response], conversation: Conversation
) -> None:
    def of(user: User) -> int:
        return export(user, scope=Scope.CONVERSATION, conversation=conversation, reason="").written

    assert [of(user) for user in (alice, bob, carol)] == [2, 2, 0]
    assert export(alice, scope=Scope.OWN, reason="").written == 2
    assert export(bob, scope=Scope.OWN, reason="").written == 0


def test_whose_words_went_out_is_known(auditor: User, talk: list[Response]) -> None:
    told = export(auditor).conversations.get()
    assert (told.conversation_id, told.responses) == (talk[0].conversation_id, 2)


def test_files_are_private_and_go_when_their_time_has_come(
    auditor: User, talk: list[Response], settings: Settings
) -> None:
    made = export(auditor)
    mode = Path(default_storage.path(made.file)).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert exporting.forget_old() == 0
    Export.objects.update(kept_until=clock.now())
    assert exporting.forget_old() == 1
    assert not default_storage.exists(made.file)
    assert not list((settings.DATA_DIR / "tmp").iterdir())


def test_a_large_one_is_gone_on_with_after_its_worker_died(auditor: User, talk: list[Response]) -> None:
    begun = exporting.begin(
        Wanted(actor=person(auditor), by=auditor, scope=Scope.SELECTION, format=Format.CSV, reason="Case 7")
    )
    assert leases.claim(Export.objects.all(), begun.pk)
    assert not exporting.make(begun.pk)
    Export.objects.update(beat_at=clock.now() - timedelta(hours=1))
    assert exporting.make(begun.pk)
    assert Export.objects.get().status == "done"


def test_a_worker_that_is_told_to_end_hands_its_export_over_at_once(
    auditor: User, talk: list[Response], leaving: threading.Event
) -> None:
    begun = exporting.begin(
        Wanted(actor=person(auditor), by=auditor, scope=Scope.SELECTION, format=Format.CSV, reason="Case 7")
    )
    leaving.set()
    with pytest.raises(leases.GivenUp):
        exporting.make(begun.pk)
    assert list(leases.abandoned(Export.objects.all())) == [begun]
    leaving.clear()
    assert exporting.make(begun.pk)
    assert Export.objects.get().written == 2


def test_one_whose_filters_make_no_sense_any_more_ends_and_says_so(
    auditor: User, talk: list[Response]
) -> None:
    begun = exporting.begin(
        Wanted(
            actor=person(auditor),
            by=auditor,
            scope=Scope.SELECTION,
            query="team=Research",
            format=Format.CSV,
            reason="Case 7",
        )
    )
    Team.objects.update(name="Elsewhere")
    exporting.make(begun.pk)
    made = Export.objects.get()
    assert (made.status, "There is none named" in made.trouble) == ("failed", True)


def test_the_command_writes_the_archive_and_one_object(
    talk: list[Response], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.zip"
    call_command(
        *("export_responses", "--format", "jsonl", "--out", str(out), "--reason", "Case 7"),
        *("--team", "Research", "--json"),
    )
    told = json.loads(capsys.readouterr().out)
    assert (told["responses"], told["status"], told["path"]) == (2, "done", str(out))
    assert hashlib.sha256(out.read_bytes()).hexdigest() == told["sha256"]
    assert ZipFile(out).testzip() is None
    entry = AuditEntry.objects.get(action="exported")
    assert entry.actor.startswith("cli:")
    assert entry.team_id == talk[0].team_id
    with pytest.raises(CommandError, match="none named"):
        call_command(
            "export_responses", "--format", "csv", "--out", str(out), "--reason", "x", "--team", "No"
        )


def test_a_selection_that_makes_no_sense_exports_nothing(auditor: User) -> None:
    with pytest.raises(BadSelection):
        export(auditor, query="teem=Research")
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Format.JSONL, '"file":"files/{sha}.png"'),
        (Format.CSV, "Look at [this]"),
        (Format.MARKDOWN, "> ![The \\[site\\]](files/{sha}.png)"),
        (Format.HTML, '<img src="files/{sha}.png" alt="The [site]">'),
    ],
)
def test_pictures_go_along_once_and_are_named_by_their_hash(
    alice: User, conversation: Conversation, kind: Format, told: str
) -> None:
    picture = uploaded(alice, b"picture of the site", alt="The [site]")
    for _each in range(2):
        named = [{"id": str(picture.pk)}]
        turns.send_message(
            alice, conversation.pk, client_key=uuid4(), text="Look at [this]", tip=None, attached=named
        )
    wanted: dict[str, Any] = {"actor": person(alice), "by": alice, "scope": Scope.CONVERSATION}
    export = exporting.begin(Wanted(format=kind, conversation=conversation, **wanted))
    assert exporting.make(export.pk)
    export.refresh_from_db()
    with default_storage.open(export.file) as file, ZipFile(file) as archive:
        names = archive.namelist()
        assert names[1:] == [f"files/{picture.content_id}.png", "manifest.json"]
        assert told.format(sha=picture.content_id) in archive.read(names[0]).decode()
        assert hashlib.sha256(archive.read(names[1])).hexdigest() == picture.content_id
        listed = json.loads(archive.read("manifest.json"))["files"]
    assert [each["sha256"] for each in listed if each["name"] == names[1]] == [picture.content_id]

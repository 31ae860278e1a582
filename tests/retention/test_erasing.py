"""Erasing: nothing of the words is found anywhere here, and nothing goes that must stay."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import CharField, JSONField, TextField
from pytest_django import Settings

from conversations import bus, clock
from conversations.chat import snapshots, turns
from conversations.chat.refusals import Refusal
from conversations.models import (
    AuditEntry,
    ComputerRun,
    ComputerStep,
    Conversation,
    Deletion,
    DeletionJob,
    Hold,
    Item,
    Response,
    SafetyCheck,
    StoredFile,
    Tombstone,
    ToolCall,
    Turn,
    User,
)
from conversations.models.computer_runs import StepState
from conversations.models.exports import Format, Scope
from conversations.models.responses import UpstreamState
from conversations.models.tool_calls import CallState
from conversations.people.audit import Actor, person
from conversations.retention import erasing
from conversations.stored import exporting, searching
from conversations.stored.exporting import Wanted
from tests.attached import attached
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "kanarienvogel4711"
ACTOR = Actor("cli:somebody")


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": tmp_path / "files"}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}


@pytest.fixture
def gone(conversation: Conversation) -> Iterator[Response]:
    """One that upstream has no more, with the canary in every place that a response has."""
    said = {"title": f"About {CANARY}", "instructions": CANARY, "choices": {"about": CANARY}}
    Conversation.objects.filter(pk=conversation.pk).update(**said)
    row = add_response(
        conversation,
        (f"What is a {CANARY}?", f"A {CANARY} is a bird."),
        response_id="resp_gone",
        upstream_state=UpstreamState.DELETED,
        instructions=f"Speak of the {CANARY}.",
        tools=[{"type": "function", "name": CANARY}],
        parameters={"metadata": {"about": CANARY}},
        status="failed",
        error={"kind": "content_filter", "summary": "It was filtered.", "message": f"{CANARY} is not nice"},
    )
    Turn.objects.update(choices={"about": CANARY})
    called(row, state=CallState.DECLINED, reason=f"No {CANARY}", ended_at=clock.now())
    browsed(row)
    attached(row, CANARY)
    searching.index(row)
    bus.client().xadd(bus.log_key(row.pk), {"f": f"frame with {CANARY}"})
    yield row
    bus.client().delete(bus.log_key(row.pk))


def called(row: Response, **fields: Any) -> ToolCall:
    words = {"arguments": f'{{"bird": "{CANARY}"}}', "output": f"A {CANARY} sings"}
    made = {"position": 0, "call_id": "call_1", "name": "look_up", "created_at": clock.now()}
    return ToolCall.objects.create(response=row, **(made | words | fields))


def browsed(row: Response) -> None:
    """A task in a browser whose last step still waits for somebody."""
    now, turn = clock.now(), row.chat_turn
    run = ComputerRun.objects.create(
        conversation=turn.conversation,
        turn=turn,
        tool="computer",
        start_url=f"https://birds.example/{CANARY}",
        told=f"No {CANARY} there.",
        created_at=now,
    )
    step = ComputerStep.objects.create(
        run=run,
        number=1,
        response=row,
        call_id="call_2",
        actions=[{"type": "type", "text": CANARY}],
        state=StepState.ASKS,
        url=f"https://birds.example/?q={CANARY}",
        title=CANARY,
        notes=[f"A dialog said {CANARY}"],
        created_at=now,
    )
    SafetyCheck.objects.create(step=step, check_id="sc_1", code="sensitive_domain", message=CANARY)


def export(user: User, conversation: Conversation | None = None) -> str:
    scope = Scope.CONVERSATION if conversation else Scope.OWN
    wanted = Wanted(actor=person(user), by=user, scope=scope, format=Format.JSONL, conversation=conversation)
    made = exporting.begin(wanted)
    assert exporting.make(made.pk)
    made.refresh_from_db()
    return made.file


def found_in_tables(word: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            yield from (table for row in cursor.fetchall() if word in repr(row).lower())


def found_in_redis(word: str) -> Iterator[str]:
    client = bus.client()
    for key in client.scan_iter("*"):
        dump = client.dump(key)
        if word.encode() in key + (dump or b""):
            yield key.decode()


def found_in_files(folder: Path, word: str) -> Iterator[str]:
    for file in folder.rglob("*.zip"):
        with ZipFile(file) as archive:
            yield from (name for name in archive.namelist() if word in archive.read(name).decode().lower())
    for file in folder.glob("files/attachments/*/*"):
        if word.encode() in file.read_bytes():
            yield file.name


def places(folder: Path) -> set[str]:
    return {*found_in_tables(CANARY), *found_in_redis(CANARY), *found_in_files(folder, CANARY)}


def test_nothing_of_the_words_is_left_in_any_table_key_or_file(
    gone: Response, conversation: Conversation, tmp_path: Path
) -> None:
    export(conversation.owner, conversation)
    before = places(tmp_path)
    assert {
        *("conversations_item", "conversations_response", "conversations_searchtext"),
        *("conversations_conversation", "conversations_turn", "conversations_toolcall", bus.log_key(gone.pk)),
    } < before
    assert any(name.endswith(".jsonl") for name in before)
    assert any(name.endswith("-thumbnail") for name in before)
    erased = erasing.erase([gone.pk], actor=ACTOR, reason="Asked to")
    assert (erased.responses, erased.items, erased.calls, erased.exports, erased.left) == (1, 2, 2, 1, 0)
    assert places(tmp_path) == set()


def test_a_picture_stays_as_long_as_another_response_has_it(
    gone: Response, conversation: Conversation, tmp_path: Path
) -> None:
    again = add_response(conversation, ("", ""), upstream_state="deleted")
    picture = gone.attachments.get()
    picture.responses.add(again)
    erasing.erase([gone.pk], actor=ACTOR)
    assert {*found_in_files(tmp_path, CANARY)} == {picture.content_id, f"{picture.content_id}-thumbnail"}
    erasing.erase([again.pk], actor=ACTOR)
    assert not StoredFile.objects.exists()
    assert not {*found_in_files(tmp_path, CANARY)}


def test_a_tombstone_and_an_entry_of_the_trail_tell_of_it(gone: Response) -> None:
    erasing.erase([gone.pk], actor=ACTOR, reason="Asked to")
    stone = Tombstone.objects.get(response=gone)
    assert (stone.items, stone.actor, len(stone.digest)) == (2, "cli:somebody", 64)
    entry = AuditEntry.objects.get(action="erased")
    assert (entry.reason, entry.subject_id) == ("Asked to", str(gone.pk))
    assert entry.details == {"responses": [str(gone.pk)], "items": 2, "calls": 2, "bytes": stone.size}


def test_of_a_call_the_decision_stays(conversation: Conversation, alice: User) -> None:
    row = add_response(conversation, ("Look it up", ""), upstream_state="deleted")
    now = clock.now()
    call = called(row, state=CallState.DONE, decided_by=alice, decided_at=now, ended_at=now)
    erasing.erase([row.pk], actor=ACTOR)
    call.refresh_from_db()
    assert (call.state, call.arguments, call.output, call.revision) == ("done", "", "", 2)
    assert call.decided_by == alice


def test_the_same_words_have_another_digest_each_time(conversation: Conversation) -> None:
    twins = [add_response(conversation, ("Same", "words"), upstream_state="deleted") for _ in range(2)]
    erasing.erase([twin.pk for twin in twins], actor=ACTOR)
    assert len({*Tombstone.objects.values_list("digest", flat=True)}) == 2


def held(row: Response) -> None:
    Hold.objects.create(
        response=row, reason="Case 12", placed_by=row.chat_turn.author, starts_at=clock.now() - timedelta(1)
    )


def still_upstream(row: Response) -> None:
    later = clock.now() + timedelta(days=3)
    Response.objects.filter(pk=row.pk).update(upstream_state="stored", expires_at=later)


def running(row: Response) -> None:
    Response.objects.filter(pk=row.pk).update(status="queued", ended_at=None)


def calling(row: Response) -> None:
    called(row, call_id="call_2", state=CallState.ASKS_APPROVAL)


@pytest.mark.parametrize("keep", [held, still_upstream, running, calling])
def test_what_must_stay_stays(gone: Response, keep: Callable[[Response], None]) -> None:
    keep(gone)
    erased = erasing.erase([gone.pk], actor=ACTOR)
    assert (erased.responses, erased.left) == (0, 1)
    assert gone.items.count() == 2
    assert not AuditEntry.objects.filter(action="erased").exists()


def test_erasing_twice_leaves_the_first_tombstone(gone: Response) -> None:
    erasing.erase([gone.pk], actor=ACTOR)
    assert erasing.erase([gone.pk], actor=ACTOR).left == 1
    assert Tombstone.objects.count() == 1


def test_a_job_erases_what_it_deleted_upstream_and_nothing_else(
    conversation: Conversation, alice: User, settings: Settings
) -> None:
    now = clock.now()
    job = DeletionJob.objects.create(source="selection", actor="user:oscar", created_at=now, erase=True)
    rows = [add_response(conversation, (f"q{n}", f"a{n}"), upstream_state="deleted") for n in range(4)]
    same: Any = {"job": job, "endpoint": rows[0].endpoint, "requested_at": now, "decided_at": now}
    for row, outcome in zip(rows, ["deleted", "already_absent", "failed"], strict=False):
        Deletion.objects.create(response=row, outcome=outcome, **same)
    erased = erasing.erase_due(job, actor=ACTOR)
    assert erased is not None
    assert erased.responses == 2
    assert erasing.erase_due(job, actor=ACTOR) is None
    assert {*Response.objects.exclude(erased_at=None)} == {rows[0], rows[1]}


def test_an_export_that_is_under_way_does_not_bring_the_words_back(
    gone: Response, conversation: Conversation
) -> None:
    owner = conversation.owner
    wanted: dict[str, Any] = {"actor": person(owner), "by": owner, "scope": Scope.OWN}
    begun = exporting.begin(Wanted(format=Format.JSONL, **wanted))
    written = exporting.Writing._finish

    def erased_meanwhile(self: exporting.Writing, *args: Any) -> None:
        erasing.erase([gone.pk], actor=ACTOR)
        written(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting.Writing, "_finish", erased_meanwhile)
        exporting.make(begun.pk)
    begun.refresh_from_db()
    assert (begun.status, begun.file) == ("failed", "")
    assert begun.trouble == "Words in it were erased meanwhile. Export it again."
    assert default_storage.listdir("exports")[1] == []


def test_the_conversation_shows_that_words_were_erased_and_goes_on(
    gone: Response, conversation: Conversation, alice: User
) -> None:
    erasing.erase([gone.pk], actor=ACTOR)
    [turn], _earlier = snapshots.turns_page(conversation)
    assert (turn["text"], turn["responses"][0]["items"]) == ("", [])
    assert turn["responses"][0]["erased_at"]
    with pytest.raises(Refusal, match="were erased"):
        turns.retry_turn(alice, gone.chat_turn.pk, client_key=uuid4())
    after = turns.send_message(
        alice, conversation.pk, client_key=uuid4(), text="And now?", tip=gone.chat_turn.pk
    )
    assert after.parent_id == gone.turn_id


# What people or models said may be in these; `places` above looks for it.
ERASED = {
    *("Conversation.choices", "Conversation.instructions", "Conversation.title", "Turn.choices"),
    *("Response.checkpoint", "Response.error", "Response.instructions", "Response.parameters"),
    *(
        "Response.tools",
        "Response.verdict",
        "Item.item_id",
        "Item.payload",
        "Item.role",
        "Item.text",
        "Item.type",
    ),
    *("Attachment.alt", "Attachment.content_type", "Attachment.name", "Attachment.text"),
    *("ToolCall.arguments", "ToolCall.output", "ToolCall.reason"),
    *("ComputerRun.start_url", "ComputerRun.told", "ComputerStep.actions", "ComputerStep.notes"),
    *("ComputerStep.screenshot", "ComputerStep.title", "ComputerStep.url"),
    *("SearchText.tokens", "HeldCopy.body", "HeldCopy.input", "HeldCopy.missing", "HeldCopy.trouble"),
}
# Ids, hashes, our sentences, reasons of the desk, and upstream's answers to deletions, which quote nothing.
WORDLESS = {
    *("Deletion.actor", "Deletion.answers", "Deletion.explanation", "Deletion.reason"),
    *("DeletionJob.actor", "DeletionJob.hash", "DeletionJob.preview", "DeletionJob.query"),
    *("DeletionJob.reason", "DeletionJob.report", "DeletionJob.report_sha256", "DeletionJob.trouble"),
    *("Difference.response_id", "Export.actor", "Export.file", "Export.query", "Export.reason"),
    *("Export.sha256", "Export.trouble", "Hold.lift_reason", "Hold.reason", "ImportedId.reason"),
    *("ImportedId.response_id", "LooseEnd.previous_response_id", "OwnDeletion.actor", "ReadGrant.reason"),
    *("Response.history_reason", "Response.incomplete_details", "Response.key_alias", "Response.model"),
    *("Response.request_ids", "Response.response_id", "Tombstone.actor", "Tombstone.digest"),
    *("ToolCall.call_id", "ToolCall.name", "ToolCall.server"),
    *("ComputerRun.environment", "ComputerRun.sites", "ComputerRun.tool", "ComputerStep.call_id"),
}


def columns() -> set[str]:
    """Every column for text, of what belongs to a conversation, without fixed values."""
    belongs = {Conversation, Turn, Response, Item}
    rows = [
        model
        for model in apps.get_app_config("conversations").get_models()
        if model in belongs or any(field.related_model in belongs for field in model._meta.concrete_fields)
    ]
    return {
        f"{model.__name__}.{field.name}"
        for model in rows
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField | JSONField) and not field.choices
    }


def test_whoever_adds_a_place_for_words_says_what_erasing_does_with_it() -> None:
    assert columns() == ERASED | WORDLESS, "Erase it (and name it in PLACES), or say that no words are in it"

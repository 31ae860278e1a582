"""Every command of manage.py: what it writes into the audit trail, as whoever runs it.

A new command fails here until it is in `COMMANDS` with its deeds.
"""

import getpass
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands
from pytest_django import Settings

from conversations.models import AuditEntry, Conversation, Endpoint, User
from conversations.models.audit import Action
from conversations.models.responses import UpstreamState
from responses_ui.env import Upstream
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "canary-5d20c4"


@dataclass(frozen=True)
class Deeds:
    """What it is called with here, and the actions that are written down then."""

    arguments: tuple[str, ...] = ()
    actions: frozenset[Action] = frozenset()


def deeds(*arguments: str, actions: set[Action] | None = None) -> Deeds:
    return Deeds(arguments, frozenset(actions or ()))


READS_NO_WORDS = deeds()
COMMANDS = {
    "configure": deeds(actions={Action.DEPLOYMENT_CHANGED}),
    "demo_people": deeds(
        actions={Action.PERSON_CHANGED, Action.TEAM_CHANGED, Action.MEMBERSHIP_CHANGED, Action.ROLE_CHANGED}
    ),
    "doctor": READS_NO_WORDS,
    "export_responses": deeds(
        "--format=jsonl", "--out={folder}/a.zip", "--reason=Asked", actions={Action.EXPORTED}
    ),
    "import_responses": deeds("{folder}/ids.txt", actions={Action.IMPORTED}),
    "index_search": deeds("--all", actions={Action.REBUILT}),
    "purge_responses": deeds(
        "--all", "--reason=Asked", "--yes", actions={Action.PLAN_MADE, Action.PLAN_EXECUTED}
    ),
    "rebuild_usage": deeds(actions={Action.REBUILT}),
    "reconcile": deeds(actions={Action.RECONCILED}),
    "verify_audit": READS_NO_WORDS,
}
# Refuses everything but the demo, where it writes what its people did.
DEMO_ONLY = {"demo_history", "demo_offers"}


class Nothing(BaseHTTPRequestHandler):
    """An upstream that has nothing and lists nothing."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    with HTTPServer(("127.0.0.1", 0), Nothing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1/"
        settings.UPSTREAM = Upstream(
            kind="openai", base_url=url, deployment="new", auth="env", key_name="SOME_KEY"
        )
        monkeypatch.setenv("SOME_KEY", "not-used-here")
        Endpoint.objects.update(base_url=url, kind="openai", key_name="SOME_KEY")
        yield
        server.shutdown()


def test_every_command_is_here_and_no_other() -> None:
    ours = {name for name, app in get_commands().items() if app == "conversations"}
    assert ours == {*COMMANDS, *DEMO_ONLY}, "Say in COMMANDS what is written into the audit trail"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_written_down_as_whoever_runs_it_and_shows_no_words(
    name: str,
    conversation: Conversation,
    upstream: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "something-to-remember")
    add_response(conversation, (CANARY, CANARY), response_id="resp_1", upstream_state=UpstreamState.STORED)
    (tmp_path / "ids.txt").write_text("resp_1")
    before = AuditEntry.objects.count()
    run(name, tmp_path)
    written = AuditEntry.objects.filter(number__gt=before)
    assert {entry.action for entry in written} == COMMANDS[name].actions
    assert {entry.actor for entry in written} <= {f"cli:{getpass.getuser()}"}
    told = capsys.readouterr()
    assert CANARY not in told.out + told.err


def run(name: str, folder: Path) -> None:
    arguments = [argument.format(folder=folder) for argument in COMMANDS[name].arguments]
    try:
        call_command(name, *arguments)
    except SystemExit:
        assert name == "doctor", "the others have nothing to complain about"


@pytest.mark.parametrize("name", sorted(DEMO_ONLY))
def test_commands_of_the_demo_touch_nothing_else(name: str, alice: User) -> None:
    with pytest.raises(CommandError, match="not the demo"):
        call_command(name)
    assert list(User.objects.all()) == [alice]
    assert not AuditEntry.objects.exists()

"""The doctor names what is wrong and what to do, and keeps secrets."""

import json
from io import StringIO
from typing import Any

import pytest
import redis
from django.core.management import call_command
from django.db import DatabaseError
from pytest_django import Settings

from conversations import bus, clock
from conversations.api import doctor
from conversations.models import AuditEntry, Delivery, Deployment, Endpoint, NoticeChannel, User, Worker
from conversations.models.audit import Action
from conversations.models.people import Role
from conversations.people import notices, triggers
from conversations.people.audit import record, system
from conversations.people.notices import NoticeKind
from tests.stack import KEY, Stack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_is_fine(monkeypatch: pytest.MonkeyPatch, settings: Settings, deployment: Deployment) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a-key-for-the-doctor")
    now = clock.now()
    Worker.objects.create(host="here", pid=1, started_at=now, beat_at=now)


def examine() -> tuple[int, dict[str, tuple[str, str]]]:
    out, code = StringIO(), 0
    try:
        call_command("doctor", "--json", stdout=out)
    except SystemExit as end:
        code = int(str(end.code))
    report = json.loads(out.getvalue())
    assert report["ok"] is (code == 0)
    return code, {check["name"]: (check["state"], check["text"]) for check in report["checks"]}


def ailing() -> dict[str, str]:
    _code, found = examine()
    return {name: text for name, (state, text) in found.items() if state != "ok"}


def test_a_healthy_installation_is_told_so() -> None:
    code, found = examine()
    assert code == 0
    assert {state for state, _ in found.values()} == {"ok"}
    assert list(found) == list(doctor.CHECKS)


def test_what_fails_is_told_with_what_to_do() -> None:
    Worker.objects.all().delete()
    Deployment.objects.update(enabled=False)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    assert "FAIL  workers: None has been heard of lately" in out.getvalue()
    assert "make worker" in out.getvalue()
    assert "manage.py configure" in out.getvalue()


def test_a_missing_trigger_fails() -> None:
    triggers.drop()
    assert list(ailing()) == ["audit triggers"]


def test_a_last_entry_that_was_changed_or_sealed_with_another_key_fails(settings: Settings) -> None:
    record(Action.LOGIN, actor=system("test"))
    keys, settings.AUDIT_KEYS = settings.AUDIT_KEYS, ["another-key-that-is-long-enough-too"]
    assert list(ailing()) == ["AUDIT_KEY"]
    settings.AUDIT_KEYS = keys
    triggers.drop()
    AuditEntry.objects.update(reason="changed")
    triggers.make()
    assert list(ailing()) == ["AUDIT_KEY"]


def test_keys_that_were_made_below_the_data_folder_are_a_warning(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.delenv("AUDIT_KEY")
    monkeypatch.delenv("SECRET_KEY")
    code, found = examine()
    assert (code, found["AUDIT_KEY"][0], found["SECRET_KEY"][0]) == (0, "warn", "warn")
    settings.DEMO = True
    assert ailing() == {}


def test_a_site_for_others_without_tls_is_a_warning(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.com"]
    assert list(ailing()) == ["HTTPS"]


def test_an_endpoint_without_its_key_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    assert "AZURE_OPENAI_API_KEY" in ailing()["upstream"]
    Endpoint.objects.update(auth="entra", token_scope="two scopes")
    assert "scope" in ailing()["upstream"]


def test_redis_that_is_away_or_forgets_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    bus.client().config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert "may forget" in ailing()["redis"]
    finally:
        bus.client().config_set("maxmemory-policy", "noeviction")
    nowhere = redis.Redis.from_url("redis://:canary@127.0.0.1:9/0")
    monkeypatch.setattr(bus, "client", lambda: nowhere)
    assert "Redis doesn't answer" in ailing()["redis"]
    assert "canary" not in str(examine())


def test_a_database_that_is_away_is_told_by_all_who_need_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: Any) -> None:
        raise DatabaseError("connection refused\nand a second line")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", away)
    code, found = examine()
    assert code == 1
    text = "The database doesn't answer: connection refused"
    assert {name for name, told in found.items() if told == ("fail", text)} >= {"database", "upstream"}


@pytest.mark.processes
def test_the_doctor_sees_a_running_installation_and_tells_no_secret(stack: Stack) -> None:
    text = stack.manage("doctor", "--json")
    assert json.loads(text)["ok"]
    password = stack.redis_url.split("@")[0].rsplit(":", 1)[-1]
    for secret in (KEY, password, stack.env["SECRET_KEY"], stack.env["AUDIT_KEY"]):
        assert secret not in text


def add_channel(**fields: Any) -> None:
    usual = {"name": "Ops", "kind": "json", "auth": "env", "key_name": "WEBHOOK_X", "kinds": []}
    NoticeChannel.objects.create(**(usual | {"signing_name": "WEBHOOK_K"} | fields))


def test_it_says_what_keeps_a_webhook_from_working_and_not_what_its_secrets_are(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://chat.example.com"
    add_channel()
    assert "“Ops”: The environment variable WEBHOOK_X" in ailing()["webhooks"]
    monkeypatch.setenv("WEBHOOK_X", "http://hooks.example.com/canary-x")
    assert ailing()["webhooks"] == "“Ops”: The URL must begin with https://."
    monkeypatch.setenv("WEBHOOK_X", "https://hooks.example.com/canary-x")
    monkeypatch.setenv("WEBHOOK_K", "canary-k")
    assert "signing key must be whsec_" in ailing()["webhooks"]
    monkeypatch.setenv("WEBHOOK_K", "whsec_" + "a" * 32)
    assert ailing() == {}
    settings.PUBLIC_URL = ""
    assert "no links" in ailing()["webhooks"]


def test_it_says_when_mail_is_wanted_and_off_or_notices_got_lost(settings: Settings) -> None:
    add_channel(kind="email", address="ops@example.com", auth="", key_name="", signing_name="")
    assert ailing() == {"e-mail": "Off, though a notice channel needs it."}
    settings.EMAIL_ON, settings.EMAIL_HOST, settings.PUBLIC_URL = (
        True,
        "mail.example.com",
        "https://x.example",
    )
    assert ailing() == {}
    now = clock.now()
    oscar = User.objects.create_user("oscar", role=Role.OPERATOR)
    row = notices.tell(NoticeKind.JOB_HALTED, to=oscar, subject=("x", "1"))
    Delivery.objects.create(notice=row, person=oscar, created_at=now, state="failed", ended_at=now)
    assert "1 notices could not be delivered" in ailing()["webhooks"]

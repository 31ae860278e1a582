"""Admins set up where notices go and try it; the names of secrets are kept, the secrets nowhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from conversations import clock
from conversations.models import AuditEntry, Delivery, Notice, NoticeChannel, Team, User
from conversations.models.audit import Action
from conversations.models.people import Role
from conversations.people import notices
from conversations.people.notices import NoticeKind
from tests.people.receiving import Hook, hook

# Entries of the audit trail are the last step of a transaction of their own.
pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/noticechannel/"
CANARY = "canary-91be07"


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("ada", role=Role.ADMIN)


@pytest.fixture
def client(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with hook() as here:
        monkeypatch.setenv("WEBHOOK_OPS", f"{here.url}?sig={CANARY}")
        yield here


def write(client: Client, **fields: Any) -> str:
    usual = {
        "name": "Ops",
        "kind": "slack",
        "auth": "env",
        "key_name": "WEBHOOK_OPS",
        "enabled": "on",
        "kinds": ["backlog", "job_halted"],
        "address": "",
        "signing_name": "",
        "vault_url": "",
        "team": "",
    }
    return client.post(f"{LIST}add/", usual | fields, follow=True).content.decode()


def test_a_channel_is_set_up_and_the_trail_says_what_changed(client: Client) -> None:
    write(client)
    row = NoticeChannel.objects.get()
    assert (row.kind, row.key_name, row.kinds) == ("slack", "WEBHOOK_OPS", ["backlog", "job_halted"])
    entry = AuditEntry.objects.get(action=Action.CHANNEL_CHANGED)
    assert entry.details["added"]["key_name"] == [None, "WEBHOOK_OPS"]
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert page.count(" checked") == 3
    assert "WEBHOOK_OPS" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"key_name": f"https://hooks.slack.com/services/{CANARY}"}, "must begin with WEBHOOK_"),
        ({"key_name": "AZURE_OPENAI_API_KEY"}, "must begin with WEBHOOK_"),
        ({"key_name": "WEBHOOK_ops"}, "in capitals"),
        ({"auth": ""}, "where its URL is kept"),
        ({"auth": "key_vault", "key_name": "hook"}, "vault&#x27;s URL must look like"),
        ({"kind": "json", "signing_name": "SECRET_KEY"}, "must begin with WEBHOOK_"),
        ({"kind": "json"}, "must begin with WEBHOOK_"),
        ({"kind": "email"}, "Say where the mails shall go."),
        ({"kinds": []}, "required"),
    ],
)
def test_what_cannot_work_is_said_beside_its_field(client: Client, fields: dict[str, Any], said: str) -> None:
    assert said in write(client, **fields)
    assert not NoticeChannel.objects.exists()


def test_what_belongs_to_another_kind_is_left_out(client: Client) -> None:
    write(
        client,
        kind="email",
        address="ops@example.com",
        signing_name="WEBHOOK_X",
        vault_url="https://v.vault.azure.net/",
    )
    row = NoticeChannel.objects.get()
    assert (row.address, row.auth, row.key_name, row.signing_name, row.vault_url) == (
        "ops@example.com", "", "", "", "",
    )  # fmt: skip
    assert "ops@example.com" not in str(list(AuditEntry.objects.values_list("details", flat=True)))
    write(client, name="Chat", address="ops@example.com", signing_name="WEBHOOK_X")
    row = NoticeChannel.objects.get(name="Chat")
    assert (row.address, row.signing_name) == ("", "")


def test_a_test_arrives_or_says_why_not(client: Client, receiver: Hook) -> None:
    write(client)
    row = NoticeChannel.objects.get()
    page = client.post(f"{LIST}{row.pk}/test/", follow=True).content.decode()
    assert "took the test" in page
    assert receiver.bodies[0]["text"] == "A test"
    receiver.answers = [(403, {})]
    page = client.post(f"{LIST}{row.pk}/test/", follow=True).content.decode()
    assert "arrive. It answered 403." in page
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "failed"]
    assert AuditEntry.objects.filter(action=Action.CHANNEL_TESTED).count() == 2


def test_a_channel_that_is_off_can_be_tested_all_the_same(client: Client, receiver: Hook) -> None:
    write(client)
    NoticeChannel.objects.update(enabled=False)
    client.post(f"{LIST}{NoticeChannel.objects.get().pk}/test/")
    assert len(receiver.got) == 1


def test_what_was_not_delivered_is_seen_by_admins_alone(client: Client) -> None:
    write(client)
    oscar = User.objects.create_user("oscar", role=Role.OPERATOR)
    notices.tell(NoticeKind.JOB_HALTED, to=oscar, subject=("x", "1"), facts={"done": 1, "remaining": 2})
    failed = {"state": "failed", "due_at": None, "ended_at": clock.now(), "trouble": "It answered 410."}
    Delivery.objects.update(**failed)
    assert "notice could not be delivered" in client.get("/admin/").content.decode()
    page = client.get("/admin/conversations/delivery/?state__exact=failed").content.decode()
    assert "It answered 410." in page
    assert "A deletion stopped by itself" in page
    client.force_login(oscar)
    page = client.get("/admin/").content.decode()
    assert "could not be delivered" not in page
    assert "matter waits for you" in page


def test_the_url_stands_on_no_page_and_in_no_row(client: Client, receiver: Hook) -> None:
    write(client, team=Team.objects.create(name="Research").pk)
    row = NoticeChannel.objects.get()
    pages = [client.post(f"{LIST}{row.pk}/test/", follow=True), client.get(f"{LIST}{row.pk}/change/")]
    pages += [client.get(LIST), client.get("/admin/conversations/delivery/"), client.get("/admin/")]
    assert receiver.paths
    assert not [page for page in pages if CANARY in page.content.decode()]
    models = (NoticeChannel, Delivery, Notice, AuditEntry)
    assert CANARY not in str([list(model.objects.values()) for model in models])

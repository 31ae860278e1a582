"""Who came and went is in the audit trail."""

import pytest
from django.core.management import call_command
from django.test import Client

from conversations.models import AuditEntry, User
from conversations.people.demo import make_cast


def test_logins_and_logouts_are_entries(alice: User) -> None:
    make_cast("a-password-of-the-cast")
    client = Client(REMOTE_ADDR="10.0.0.1")
    client.post("/login/", {"username": "alice", "password": "a-password-of-the-cast"})
    client.post("/logout/")
    rows = AuditEntry.objects.filter(actor_id=alice.pk).order_by("number")
    assert [(row.action, row.actor, row.source) for row in rows] == [
        ("login", f"user:alice#{alice.pk}", "10.0.0.1"),
        ("logout", f"user:alice#{alice.pk}", "10.0.0.1"),
    ]
    assert [(row.subject_type, row.subject_id) for row in rows] == [("user", str(alice.pk))] * 2


@pytest.mark.django_db
def test_a_superuser_made_on_the_command_line_is_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-password-of-the-root")
    call_command("createsuperuser", "--no-input", "--username", "root", "--email", "root@example.com")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id) == ("role_changed", str(User.objects.get().pk))
    assert entry.actor.startswith("cli:")


@pytest.mark.django_db
def test_who_was_never_in_does_not_leave() -> None:
    Client().post("/logout/")
    assert not AuditEntry.objects.exists()

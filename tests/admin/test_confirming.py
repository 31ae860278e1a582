"""A dangerous action asks first, like a bill, and wants a reason."""

import pytest
from django.test import Client

from conversations.models import AuditEntry, User
from conversations.models.audit import Action
from conversations.models.people import Role

PEOPLE = "/admin/conversations/user/"


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_user("ada", role=Role.ADMIN)


def deactivate(by: User, people: list[User], **more: str) -> str:
    client = Client()
    client.force_login(by)
    chosen = {"action": "deactivate", "index": "0", "_selected_action": [str(user.pk) for user in people]}
    return client.post(PEOPLE, chosen | more, follow=True).content.decode()


def active() -> set[str]:
    return set(User.objects.filter(is_active=True).values_list("username", flat=True))


def test_the_bill_tells_who_and_who_is_left_out_and_changes_nothing(
    admin: User, alice: User, bob: User, carol: User
) -> None:
    User.objects.filter(pk=carol.pk).update(is_active=False)
    page = deactivate(admin, [admin, alice, bob, carol])
    assert "Deactivate 2 people" in page
    assert "Inactive already" in page
    assert "Nobody shuts themselves out." in page
    assert active() == {"ada", "alice", "bob"}


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_happens(admin: User, alice: User, reason: str) -> None:
    page = deactivate(admin, [alice], _confirmed="1", reason=reason)
    assert 'role="alert"' in page
    assert active() == {"ada", "alice"}


def test_with_a_reason_it_is_done_and_written_down(admin: User, alice: User, bob: User) -> None:
    page = deactivate(admin, [alice, bob, admin], _confirmed="1", reason="They left.")
    assert "2 people are deactivated." in page
    assert active() == {"ada"}
    entries = AuditEntry.objects.filter(action=Action.ROLE_CHANGED)
    assert [entry.reason for entry in entries] == ["They left."] * 2


def test_nobody_but_admins_can_do_it(alice: User) -> None:
    for role in (Role.AUDITOR, Role.OPERATOR):
        staff = User.objects.create_user(f"some-{role}", role=role)
        deactivate(staff, [alice], _confirmed="1", reason="Because.")
    assert "alice" in active()

"""A notice and where it goes, for the tests of its delivery."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from conversations.models import Delivery, NoticeChannel, User
from conversations.models.people import Role
from conversations.people import notices
from conversations.people.notices import NoticeKind, sending
from tests.people.receiving import Hook, MailServer, hook, mail_server

JOB = ("deletionjob", "0b0f0a7e-0000-4000-8000-000000000001")
CANARY = "canary-5c1d77"
KEY = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


def channel(kind: str = "json", **changed: Any) -> NoticeChannel:
    usual = {"name": "ops", "auth": "env", "key_name": "WEBHOOK_OPS", "kinds": NoticeKind.values}
    signed = {"signing_name": "WEBHOOK_KEY"} if kind == "json" else {}
    return NoticeChannel.objects.create(**(usual | signed | {"kind": kind} | changed))


def told(to: User, **changed: Any) -> Delivery:
    asked: dict[str, Any] = {"to": to, "subject": JOB, "facts": {"done": 1_000, "remaining": 9}}
    notices.tell(NoticeKind.JOB_HALTED, **(asked | changed))
    return Delivery.objects.get()


def sent(delivery: Delivery) -> Delivery:
    sending.send_due()
    delivery.refresh_from_db()
    return delivery


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with hook() as here:
        here.url += f"?sig={CANARY}%2Fa%3D"
        monkeypatch.setenv("WEBHOOK_OPS", here.url)
        monkeypatch.setenv("WEBHOOK_KEY", KEY)
        yield here


@pytest.fixture
def mails(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as here:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_ON, settings.EMAIL_HOST, settings.EMAIL_PORT = True, "127.0.0.1", here.port
        settings.DEFAULT_FROM_EMAIL = "ui@example.com"
        yield here


@pytest.fixture
def reached_at(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://chat.example.com"


@pytest.fixture
def oscar() -> User:
    return User.objects.create_user("oscar", role=Role.OPERATOR, email="oscar@example.com")

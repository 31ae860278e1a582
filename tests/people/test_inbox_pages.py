"""The page "Waiting for you", the bell that leads to it, and the choice of mails."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from conversations.models import Notice, NoticeChoice, User
from conversations.models.people import Role
from conversations.people import notices
from conversations.people.notices import Audience, NoticeKind

pytestmark = pytest.mark.django_db

JOB = ("deletionjob", "0b0f0a7e-0000-4000-8000-000000000001")
PATH = f"/admin/conversations/deletionjob/{JOB[1]}/change/"


@pytest.fixture
def olga() -> User:
    return User.objects.create_user("olga", role=Role.OPERATOR)


@pytest.fixture
def client(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def text(client: Client, path: str = "/inbox/") -> str:
    return re.sub(r"\s+", " ", client.get(path).content.decode())


def bell(client: Client, path: str) -> str:
    found = re.search(r'id="bell-count"[^>]*>(\d+)', text(client, path))
    return found[1] if found else ""


def halt(subject: tuple[str, str] = JOB, remaining: int = 9) -> Notice:
    facts = {"done": 1_000, "remaining": remaining}
    return notices.tell(NoticeKind.JOB_HALTED, to=Audience.DELETERS, subject=subject, facts=facts)


def test_it_lists_what_waits_oldest_first_with_what_to_do(client: Client) -> None:
    assert "Nothing waits for you." in text(client)
    halt()
    halt(("deletionjob", "0b0f0a7e-0000-4000-8000-000000000002"), 7)
    page = text(client)
    assert "Nothing waits" not in page
    assert page.index("9 are left") < page.index("7 are left")
    assert f'href="{PATH}">See why, then resume or cancel it' in page


def test_what_one_has_settled_stands_among_the_done_and_what_others_have_does_not(
    client: Client, olga: User
) -> None:
    halt()
    notices.settle(NoticeKind.JOB_HALTED, subject=JOB, by=olga)
    page = text(client)
    done = page[page.index('id="done"') :]
    assert "A deletion that had stopped resumed or cancelled" in done
    assert "by you" in done
    Notice.objects.update(settled_by=User.objects.create_user("other"))
    assert 'id="done"' not in text(client)


def test_news_are_new_once(client: Client, olga: User) -> None:
    notices.tell(NoticeKind.JOB_DONE, to=olga, subject=JOB, facts={"gone": 12_340})
    assert bell(client, "/") == bell(client, "/admin/") == "1"
    first, second = text(client), text(client)
    assert ("Gone upstream: 12,340." in first, ">New<" in first, ">New<" in second) == (True, True, False)
    assert bell(client, "/") == bell(client, "/admin/") == "0"


def test_names_in_it_are_text(client: Client) -> None:
    facts = {"policy": "<script>alert(1)</script>"}
    notices.tell(
        NoticeKind.POLICY_FAILED,
        to=Audience.POLICY_SETTERS,
        subject=("retentionpolicy", "1"),
        facts=facts,
    )
    assert "<script>alert" not in text(client)
    assert "&lt;script&gt;alert(1)" in text(client)


def test_the_bell_shows_in_the_chat_once_something_waits_and_at_the_desk_always(
    client: Client, alice: User
) -> None:
    hidden = re.compile(r'id="bell"[^>]* hidden')
    assert hidden.search(text(client, "/"))
    assert not hidden.search(text(client, "/admin/"))
    halt()
    assert not hidden.search(text(client, "/"))
    client.force_login(alice)
    assert hidden.search(text(client, "/"))


def test_one_chooses_what_comes_by_mail(client: Client, olga: User, settings: Settings) -> None:
    assert "E-mail is not set up here." in text(client)
    assert 'value="waiting" selected' in text(client)
    assert client.post("/inbox/mail/", {"by_mail": "all"}).headers["Location"] == "/inbox/#mail"
    client.post("/inbox/mail/", {"by_mail": "nothing"})
    assert NoticeChoice.objects.get().by_mail == "nothing"
    settings.EMAIL_ON = True
    assert "no e-mail address" in text(client)
    User.objects.update(email="olga@example.com")
    assert "To olga@example.com." in text(client)
    assert client.post("/inbox/mail/", {"by_mail": "sometimes"}).status_code == 400

"""Notices by e-mail: how it is set up, who gets them, and what a real server makes of it."""

from typing import Any

import pytest
from pytest_django import Settings

from conversations.models import User
from conversations.models.notices import ByMail, ChannelKind, NoticeChoice
from conversations.models.people import Role
from conversations.people.notices.messages import as_mail, message_of
from responses_ui import env
from responses_ui.env import EnvironmentMistake
from tests.people.noticing import CANARY, JOB, channel, sent, told
from tests.people.receiving import MailServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reached_at")]


def test_mail_goes_to_whoever_may_still_see_it(oscar: User, mails: MailServer) -> None:
    row = told(oscar)
    assert (sent(row).state, row.trouble) == ("sent", "")
    ((to, mail),) = mails.mails
    assert (to, mail["From"], mail["Subject"]) == (
        "oscar@example.com",
        "ui@example.com",
        "A deletion stopped by itself",
    )
    assert mail["Auto-Submitted"] == "auto-generated"
    text = str(mail.get_payload())
    assert "9 are left" in text
    assert f"https://chat.example.com/admin/conversations/deletionjob/{JOB[1]}/change/" in text


@pytest.mark.parametrize("change", [{"role": Role.MEMBER}, {"email": ""}, {"is_active": False}, {}])
def test_mail_is_dropped_when_right_wish_or_address_has_gone(
    oscar: User, mails: MailServer, change: dict[str, Any]
) -> None:
    row = told(oscar)
    if change:
        User.objects.update(**change)
    else:
        NoticeChoice.objects.create(person=oscar, by_mail=ByMail.NOTHING)
    assert (sent(row).state, mails.mails) == ("dropped", [])


def test_an_address_that_the_server_refuses_has_failed(oscar: User, mails: MailServer) -> None:
    mails.refuses = f"550 no such person {CANARY}"
    row = sent(told(oscar))
    assert (row.state, row.trouble) == ("failed", "The mail server refuses the address.")


def test_a_mail_server_that_is_away_is_tried_again(
    oscar: User, mails: MailServer, settings: Settings
) -> None:
    settings.EMAIL_PORT = 1
    row = sent(told(oscar))
    assert (row.state, row.trouble) == (
        "waiting",
        "The mail server couldn't be reached (ConnectionRefusedError).",
    )


def test_a_channel_can_be_an_address(oscar: User, mails: MailServer) -> None:
    User.objects.update(email="")
    channel(ChannelKind.EMAIL, address="ops@example.com", auth="", key_name="")
    assert sent(told(oscar)).state == "sent"
    assert [to for to, _mail in mails.mails] == ["ops@example.com"]


def test_a_link_is_left_out_while_nobody_knows_our_address(oscar: User, settings: Settings) -> None:
    channel()
    settings.PUBLIC_URL = ""
    text = as_mail(message_of(told(oscar)))
    assert "Log in to Responses UI" in text
    assert "http" not in text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp+tls://ui%40example.com:p%2Fw@mail.example.com", ("mail.example.com", 587, True, False)),
        ("smtps://mail.example.com", ("mail.example.com", 465, False, True)),
        ("smtp://localhost:1025", ("localhost", 1025, False, False)),
    ],
)
def test_mail_is_set_up_by_one_address(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: tuple[Any, ...]
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    monkeypatch.setenv("EMAIL_FROM", "Responses UI <ui@example.com>")
    found = env.mail()
    assert (found.host, found.port, found.starttls, found.tls) == expected
    assert found.sender == "Responses UI <ui@example.com>"
    if found.user:
        assert (found.user, found.password) == ("ui@example.com", "p/w")


@pytest.mark.parametrize(
    ("url", "sender", "name"),
    [
        (f"smtp://user:{CANARY}@mail.example.com", "a@example.com", "EMAIL_URL"),
        (f"http://{CANARY}", "a@example.com", "EMAIL_URL"),
        ("smtps://mail.example.com:99999", "a@example.com", "EMAIL_URL"),
        ("smtps://mail.example.com", "", "EMAIL_FROM"),
        ("smtps://mail.example.com", "somebody", "EMAIL_FROM"),
    ],
)
def test_a_wrong_mail_setting_stops_the_start_and_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, url: str, sender: str, name: str
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    monkeypatch.setenv("EMAIL_FROM", sender)
    with pytest.raises(EnvironmentMistake, match=name) as caught:
        env.mail()
    assert CANARY not in str(caught.value)


def test_without_an_address_mail_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    assert env.mail() == env.Mail()

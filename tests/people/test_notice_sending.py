"""Notices reach real servers once, come again when these stumble, and never carry a secret or go astray."""

import base64
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from conversations import clock
from conversations.models import Delivery, Notice, NoticeChannel, User
from conversations.models.notices import DeliveryState
from conversations.people import notices
from conversations.people.notices import NoticeKind, sending, webhooks
from conversations.people.notices.webhooks import NotSent
from conversations.people.tasks import deliver_notices
from responses_ui.env import ROOT
from tests.people.noticing import CANARY, JOB, KEY, channel, sent, told
from tests.people.receiving import Hook, MailServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reached_at")]


def documented_check() -> Callable[[dict[str, str], bytes, str], bool]:
    """As a receiver finds it in docs/notices.md."""
    code = (ROOT / "docs" / "notices.md").read_text().rpartition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  our own page
    check: Callable[[dict[str, str], bytes, str], bool] = names["is_ours"]
    return check


def wait_of(delivery: Delivery) -> timedelta:
    assert delivery.due_at is not None
    return delivery.due_at - clock.now()


def test_plain_json_says_all_and_is_signed_as_standard_webhooks_are(oscar: User, receiver: Hook) -> None:
    channel()
    row = told(oscar)
    deliver_notices()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.trouble) == (DeliveryState.SENT, 1, "")
    ((headers, body),) = receiver.got
    assert receiver.paths == [f"/hook?sig={CANARY}%2Fa%3D"]
    assert receiver.bodies == [
        {
            "version": 1,
            "id": f"delivery_{row.pk}",
            "kind": "job_halted",
            "created_at": Notice.objects.get().created_at.isoformat(),
            "title": "A deletion stopped by itself",
            "text": "1,000 are decided, 9 are left. Nothing has failed by that.",
            "act": "See why, then resume or cancel it",
            "url": f"https://chat.example.com/admin/conversations/deletionjob/{JOB[1]}/change/",
            "team": "",
            "subject": {"type": "deletionjob", "id": JOB[1]},
            "facts": {"done": 1000, "remaining": 9},
        }
    ]
    assert documented_check()(headers, body, KEY)
    assert not documented_check()(headers, body + b" ", KEY)
    other = f"whsec_{base64.b64encode(b'x' * 32).decode()}"
    assert not documented_check()(headers, body, other)


def test_slack_gets_blocks_of_plain_text(oscar: User, receiver: Hook) -> None:
    channel("slack")
    facts = {"policy": "<!channel> & co", "by": "Oscar"}
    notices.tell(NoticeKind.POLICY_APPROVAL, to=oscar, subject=("retentionpolicy", "1"), facts=facts)
    sending.send_due()
    (said,) = receiver.bodies
    assert [block["type"] for block in said["blocks"]] == ["header", "section", "actions"]
    assert said["blocks"][1]["text"]["type"] == "plain_text"
    assert "<!channel> & co" in said["blocks"][1]["text"]["text"]
    assert said["text"] == "A retention policy waits for approval"
    (button,) = said["blocks"][2]["elements"]
    assert button["url"].endswith("/admin/conversations/retentionpolicy/1/change/")


def test_teams_gets_an_adaptive_card_in_the_envelope_of_workflows(
    oscar: User, receiver: Hook, settings: Settings
) -> None:
    channel("teams")
    settings.PUBLIC_URL = ""
    told(oscar)
    sending.send_due()
    (said,) = receiver.bodies
    (card,) = said["attachments"]
    assert (said["type"], card["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert (card["content"]["type"], card["content"]["actions"]) == ("AdaptiveCard", [])
    texts = [block["inlines"][0]["text"] for block in card["content"]["body"]]
    assert texts[0] == "A deletion stopped by itself"
    assert "9 are left" in texts[1]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_go_better_later_is_tried_again_ever_more_rarely(
    oscar: User, receiver: Hook, status: int
) -> None:
    channel()
    row = told(oscar)
    receiver.answers = [(status, {})]
    before = clock.now()
    assert (sent(row).state, row.attempts, row.trouble) == ("waiting", 1, f"It answered {status}.")
    assert wait_of(row) >= sending.WAITS[0] - (clock.now() - before)
    sending.send_due()
    assert len(receiver.got) == 1
    Delivery.objects.update(due_at=clock.now())
    assert (sent(row).state, row.attempts, row.trouble) == ("sent", 2, "")
    assert len({body["id"] for body in receiver.bodies}) == 1


def test_a_receiver_says_when_it_wants_the_next_try(oscar: User, receiver: Hook) -> None:
    channel()
    row = told(oscar)
    receiver.answers = [(429, {"Retry-After": "1800"}), (429, {"Retry-After": "9999999"})]
    assert timedelta(minutes=25) < wait_of(sent(row)) <= timedelta(minutes=30)
    Delivery.objects.update(due_at=clock.now())
    assert wait_of(sent(row)) <= sending.LONGEST


def test_it_gives_up_after_most_of_a_day(oscar: User, receiver: Hook) -> None:
    channel()
    row = told(oscar)
    receiver.answers = [(500, {})] * 20
    for _ in range(len(sending.WAITS) + 3):
        sent(row)
        Delivery.objects.filter(state="waiting").update(due_at=clock.now())
    assert (row.state, row.attempts, row.due_at) == ("failed", len(sending.WAITS) + 1, None)
    assert len(receiver.got) == len(sending.WAITS) + 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 410])
def test_what_is_refused_or_sent_elsewhere_has_failed_at_once(
    oscar: User, receiver: Hook, status: int
) -> None:
    channel()
    row = told(oscar)
    receiver.answers = [(status, {"Location": receiver.url})]
    assert (sent(row).state, row.attempts) == ("failed", 1)
    assert str(status) in row.trouble
    assert len(receiver.got) == 1


def test_a_slow_receiver_holds_up_no_other(
    oscar: User, receiver: Hook, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "SECONDS", 0.3)
    channel()
    receiver.go.clear()
    notices.tell(NoticeKind.JOB_HALTED, to=oscar, subject=JOB, facts={"done": 1, "remaining": 9})
    sending.send_due()
    slow, mail = Delivery.objects.get(person=None), Delivery.objects.get(person=oscar)
    assert (slow.state, mail.state, len(mails.mails)) == ("waiting", "sent", 1)
    assert "didn't answer" in slow.trouble


def test_nothing_listens(oscar: User, receiver: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_OPS", f"http://127.0.0.1:1/{CANARY}")
    channel()
    row = sent(told(oscar))
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.trouble == "It couldn't be reached (ClientConnectorError)."


def test_a_claim_that_died_is_taken_up_after_its_lease_and_what_comes_late_books_nothing(
    oscar: User, receiver: Hook
) -> None:
    channel()
    row = told(oscar)
    (claimed,) = sending._claim()
    assert sending._claim() == []
    Delivery.objects.update(due_at=clock.now())
    assert sent(row).state == "sent"
    sending._book(row.pk, claimed.attempts, state="failed")
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(oscar: User, receiver: Hook) -> None:
    channel()
    for number in range(3 * sending.BATCH):
        facts = {"done": number, "remaining": 9}
        notices.tell(NoticeKind.JOB_HALTED, to=oscar, subject=("deletionjob", str(number)), facts=facts)

    def work(_number: int) -> None:
        with closing(connection):
            sending.send_due()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    ids = [body["id"] for body in receiver.bodies]
    assert (len(ids), len(set(ids))) == (3 * sending.BATCH, 3 * sending.BATCH)
    assert not Delivery.objects.exclude(state="sent", attempts=1).exists()


@pytest.mark.usefixtures("redis_away")
def test_without_redis_beat_sends_it_later(
    oscar: User, receiver: Hook, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    channel()
    with django_capture_on_commit_callbacks(execute=True):
        row = told(oscar)
    assert sent(row).state == "sent"


def test_what_is_settled_or_was_switched_off_meanwhile_is_not_sent(oscar: User, receiver: Hook) -> None:
    of_kind = channel()
    row = told(oscar)
    notices.settle(NoticeKind.JOB_HALTED, subject=JOB)
    assert sent(row).state == "dropped"
    Delivery.objects.all().delete()
    Notice.objects.all().delete()
    row = told(oscar)
    NoticeChannel.objects.filter(pk=of_kind.pk).update(enabled=False)
    assert sent(row).state == "dropped"
    assert receiver.got == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "is not set"),
        (f"http://hooks.example.com/{CANARY}", "https"),
        (f"https://user:{CANARY}@hooks.example.com/", "no webhook's URL"),
        (CANARY, "no webhook's URL"),
        (f"postgres://db.example.com/{CANARY}", "no webhook's URL"),
        (f"https://10.1.2.3/{CANARY}", "private"),
        (f"https://169.254.169.254/{CANARY}", "private"),
        (f"https://[::ffff:192.168.0.1]/{CANARY}", "private"),
        (f"https://[fe80::1]/{CANARY}", "private"),
        (f"https://0.0.0.0/{CANARY}", "private"),
    ],
)
def test_what_is_no_fit_url_is_not_called_and_not_quoted(
    oscar: User, monkeypatch: pytest.MonkeyPatch, url: str, why: str
) -> None:
    monkeypatch.setenv("WEBHOOK_OPS", url)
    channel()
    row = sent(told(oscar))
    assert (row.state, why in row.trouble) == ("waiting", True), row.trouble
    assert CANARY not in row.trouble


async def test_a_name_that_leads_to_a_private_address_is_refused_unless_it_is_listed(
    settings: Settings,
) -> None:
    resolver = webhooks._Guarded()
    assert (await resolver.resolve("localhost", 80))[0]["host"] in ("127.0.0.1", "::1")
    for host in ("127.1", "0"):
        with pytest.raises(NotSent, match="private"):
            await resolver.resolve(host, 80)
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.1"]
    assert await resolver.resolve("127.1", 80)


def test_only_variables_for_webhooks_can_be_named(
    oscar: User, receiver: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", receiver.url)
    channel(key_name="AZURE_OPENAI_ENDPOINT")
    assert sent(told(oscar)).trouble == "The variable's name must begin with WEBHOOK_."
    assert receiver.got == []


@pytest.mark.parametrize("key", ["", CANARY, f"whsec_{CANARY}", "whsec_c2hvcnQ="])
def test_a_bad_signing_key_sends_nothing(
    oscar: User, receiver: Hook, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("WEBHOOK_KEY", key)
    channel()
    row = sent(told(oscar))
    assert (row.state, receiver.got) == ("waiting", [])
    assert CANARY not in row.trouble


def test_the_url_and_the_key_stand_in_no_row_and_no_log(
    oscar: User, receiver: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("WEBHOOK_KEY", f"whsec_{base64.b64encode(CANARY.encode() * 3).decode()}")
    channel()
    row = told(oscar)
    receiver.answers = [(500, {}), (302, {"Location": f"https://example.com/{CANARY}"})]
    for _ in range(2):
        sent(row)
        Delivery.objects.filter(state="waiting").update(due_at=clock.now())
    assert (row.state, len(receiver.got)) == ("failed", 2)
    assert CANARY in receiver.paths[0]
    everything = [str(each) for model in (Delivery, Notice, NoticeChannel) for each in model.objects.values()]
    secret = base64.b64encode(CANARY.encode() * 3).decode()
    assert not [text for text in [*everything, caplog.text] if CANARY in text or secret in text]

"""A matter is told once to those whom it concerns now, and vanishes for all when somebody has settled it."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from conversations import bus, clock
from conversations.models import Delivery, Membership, Notice, NoticeChannel, NoticeChoice, Team, User
from conversations.models.notices import ByMail, ChannelKind, DeliveryState
from conversations.models.people import Role
from conversations.people import notices
from conversations.people.notices import Audience, NoticeKind, inbox, telling, wording
from conversations.people.tasks import forget_notices
from responses_ui import env
from tests.cast import person

pytestmark = pytest.mark.django_db

JOB = ("deletionjob", "0b0f0a7e-0000-4000-8000-000000000001")
UNTIL = "2026-11-24T09:30:00+00:00"


@pytest.fixture
def oscar() -> User:
    return User.objects.create_user("oscar", role=Role.OPERATOR, email="oscar@example.com")


@pytest.fixture
def olga() -> User:
    return User.objects.create_user("olga", role=Role.OPERATOR, email="olga@example.com")


@pytest.fixture
def limited(oscar: User) -> User:
    user = User.objects.create_user("limited", role=Role.OPERATOR)
    user.limited_to.add(Team.objects.create(name="Field"))
    return user


@pytest.fixture
def slack() -> NoticeChannel:
    return NoticeChannel.objects.create(
        name="ops", kind="slack", auth="env", key_name="WEBHOOK_OPS", kinds=["second_signature", "job_halted"]
    )


def ask(asker: User, **changed: Any) -> Notice:
    facts = {"deletions": 12_340, "by": asker.name, "until": UNTIL}
    told: dict[str, Any] = {"to": Audience.DELETERS, "subject": JOB, "but_not": asker, "facts": facts}
    return notices.tell(NoticeKind.SECOND_SIGNATURE, **(told | changed))


def test_it_waits_for_whoever_may_do_it_and_not_for_the_asker(
    oscar: User, olga: User, limited: User, alice: User
) -> None:
    auditor = User.objects.create_user("audrey", role=Role.AUDITOR)
    row = ask(oscar)
    assert list(inbox.waiting(olga)) == [row]
    assert inbox.people_of(row) == [olga]
    assert not any(inbox.count(user) for user in (oscar, limited, alice, auditor))


def test_rights_count_as_they_are_when_the_inbox_is_opened(oscar: User, olga: User) -> None:
    ask(oscar)
    notices.tell(NoticeKind.JOB_HALTED, to=olga, subject=JOB, facts={"done": 1, "remaining": 2})
    assert inbox.count(olga) == 2
    newcomer = User.objects.create_user("otto", role=Role.ADMIN)
    assert inbox.count(newcomer) == 1
    User.objects.filter(pk=olga.pk).update(role=Role.MEMBER)
    olga.refresh_from_db()
    assert inbox.count(olga) == 0
    User.objects.filter(pk=newcomer.pk).update(is_active=False)
    newcomer.refresh_from_db()
    assert inbox.count(newcomer) == 0


def test_the_same_matter_again_only_brings_newer_facts(oscar: User, olga: User, slack: NoticeChannel) -> None:
    row = ask(oscar)
    again = ask(oscar, facts={"deletions": 3, "by": "Oscar", "until": UNTIL})
    assert (again, Notice.objects.count(), Delivery.objects.count()) == (row, 1, 1)
    assert Notice.objects.get().facts["deletions"] == 3


def halt(**changed: Any) -> Notice:
    told: dict[str, Any] = {"to": Audience.DELETERS, "subject": JOB, "facts": {"done": 1, "remaining": 2}}
    return notices.tell(NoticeKind.JOB_HALTED, **(told | changed))


def test_trouble_that_comes_again_soon_is_open_again_and_sent_to_nobody(
    olga: User, slack: NoticeChannel
) -> None:
    row = halt()
    Delivery.objects.update(state=DeliveryState.SENT, due_at=None, ended_at=clock.now())
    notices.settle(NoticeKind.JOB_HALTED, subject=JOB, by=olga)
    assert inbox.count(olga) == 0
    assert halt() == row
    assert (inbox.count(olga), Delivery.objects.count()) == (1, 1)


def test_trouble_that_comes_again_later_is_told_anew(olga: User, slack: NoticeChannel) -> None:
    row = halt()
    notices.settle(NoticeKind.JOB_HALTED, subject=JOB)
    Notice.objects.update(settled_at=clock.now() - telling.QUIET)
    assert halt() != row
    assert Delivery.objects.filter(state=DeliveryState.WAITING).count() == 1


def test_what_people_ask_for_again_is_told_anew_at_once(
    oscar: User, olga: User, slack: NoticeChannel
) -> None:
    row = ask(oscar)
    notices.settle(NoticeKind.SECOND_SIGNATURE, subject=JOB)
    assert ask(olga) != row
    assert [inbox.count(user) for user in (oscar, olga)] == [1, 0]
    assert Delivery.objects.filter(state=DeliveryState.WAITING).count() == 1


def test_who_asks_last_is_the_one_who_cannot_answer(oscar: User, olga: User) -> None:
    assert ask(oscar) == ask(olga)
    assert [inbox.count(user) for user in (oscar, olga)] == [1, 0]


def test_two_who_find_out_at_once_tell_once(oscar: User, olga: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second looked before the first had committed."""
    row = ask(oscar)
    monkeypatch.setattr(telling, "_again", lambda _wanted: None)
    assert ask(oscar) == row
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(
            kind=row.kind, audience=row.audience, key=row.key, subject_type="", created_at=clock.now()
        )


def test_settling_takes_it_out_of_every_inbox_and_keeps_it_for_who_did_it(
    oscar: User, olga: User, slack: NoticeChannel
) -> None:
    otto = User.objects.create_user("otto", role=Role.ADMIN)
    row = ask(oscar)
    assert notices.settle(NoticeKind.SECOND_SIGNATURE, subject=JOB, by=olga) == 1
    assert (inbox.count(olga), inbox.count(otto)) == (0, 0)
    assert (list(inbox.done(olga)), list(inbox.done(otto))) == ([row], [])
    assert Delivery.objects.get().state == DeliveryState.DROPPED
    assert notices.settle(NoticeKind.SECOND_SIGNATURE, subject=JOB) == 0


def test_news_count_until_they_were_looked_at_and_ask_for_nothing(oscar: User) -> None:
    facts = {"gone": 11, "failed": 0}
    row = notices.tell(NoticeKind.JOB_DONE, to=oscar, subject=JOB, facts=facts)
    assert (inbox.count(oscar), list(inbox.waiting(oscar)), list(inbox.done(oscar))) == (1, [], [row])
    inbox.look(oscar, [row])
    inbox.look(oscar, [row])
    assert (inbox.count(oscar), list(inbox.done(oscar))) == (0, [row])
    assert notices.tell(NoticeKind.JOB_DONE, to=oscar, subject=JOB, facts=facts) == row


def test_members_find_what_asks_them_while_they_are_in_the_team(alice: User, bob: User, carol: User) -> None:
    research = Team.objects.get(name="Research")
    asked = {"subject": ("toolcall", "7"), "path": "/c/7/", "facts": {"tool": "refund", "by": "Alice"}}
    notices.tell(NoticeKind.TOOL_APPROVAL, to=Audience.TEAM, team=research, but_not=alice, **asked)  # type: ignore[arg-type]
    notices.tell(NoticeKind.TOOL_APPROVAL, to=bob, team=research, **asked)  # type: ignore[arg-type]
    assert [inbox.count(user) for user in (alice, bob, carol)] == [0, 2, 0]
    Membership.objects.filter(user=bob).delete()
    assert inbox.count(bob) == 0


def test_a_channel_hears_once_of_what_several_are_told(oscar: User, olga: User, slack: NoticeChannel) -> None:
    for user in (oscar, olga):
        ask(user, to=user, but_not=None)
    assert Delivery.objects.filter(channel=slack).count() == 1


def test_channels_hear_of_their_kinds_and_team_only(oscar: User, olga: User, slack: NoticeChannel) -> None:
    field, research = (Team.objects.create(name=name) for name in ("Field", "Research"))
    mail = {"kind": ChannelKind.EMAIL, "address": "ops@example.com", "kinds": ["second_signature"]}
    NoticeChannel.objects.create(name="of Field", team=field, **mail)
    NoticeChannel.objects.create(name="off", enabled=False, **mail)
    NoticeChannel.objects.create(name="other kinds", **(mail | {"kinds": ["backlog"]}))
    ask(oscar, team=research)
    assert [row.channel for row in Delivery.objects.all()] == [slack]


def test_people_choose_what_they_get_by_mail(oscar: User, olga: User, settings: Settings) -> None:
    settings.EMAIL_ON = True
    NoticeChoice.objects.create(person=oscar, by_mail=ByMail.ALL)
    facts = {"gone": 1}
    for user in (oscar, olga):
        notices.tell(NoticeKind.JOB_DONE, to=user, subject=JOB, facts=facts)
        notices.tell(NoticeKind.JOB_HALTED, to=user, subject=JOB, facts={"done": 1, "remaining": 1})
    got = Delivery.objects.values_list("person__username", "notice__kind")
    assert set(got) == {("oscar", "job_done"), ("oscar", "job_halted"), ("olga", "job_halted")}
    NoticeChoice.objects.create(person=olga, by_mail=ByMail.NOTHING)
    settings.EMAIL_ON = False
    ask(oscar)
    assert Delivery.objects.count() == 3


def test_open_pages_hear_the_new_number(
    oscar: User, olga: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with bus.client().pubsub() as heard:  # type: ignore[no-untyped-call]  # redis has no types for it
        heard.subscribe(bus.user_channel(olga.pk))
        assert heard.get_message(timeout=30)
        with django_capture_on_commit_callbacks(execute=True):
            ask(oscar)
        message = heard.get_message(timeout=30) or {}
    assert orjson.loads(message["data"]) == {"type": "notices", "waiting": 1}


@pytest.fixture
def every_kind() -> Iterator[Notice]:
    facts = {
        "deletions": 1, "by": "Oscar", "until": UNTIL, "policy": "A month", "tool": "refund", "late": 1,
        "remaining": 20, "first_expiry": UNTIL, "end": UNTIL, "done": 3, "gone": 1_200, "held": 2,
    }  # fmt: skip
    return (Notice(kind=kind, facts=facts, path="/x/") for kind in NoticeKind)


def test_every_kind_has_words(every_kind: Iterator[Notice], settings: Settings) -> None:
    words = [wording.words_of(row) for row in every_kind]
    assert all(each.title and each.text and each.act for each in words)
    assert words[0].title == "A deletion of 1 response waits for a second person"
    assert words[-1].text == "Gone upstream: 1,200, held: 2."


def test_links_need_an_address_of_ours(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    row = Notice(path=wording.page_of(*JOB))
    assert row.path == f"/admin/conversations/deletionjob/{JOB[1]}/change/"
    settings.PUBLIC_URL = ""
    assert wording.url_of(row) == ""
    settings.PUBLIC_URL = "https://chat.example.com"
    assert wording.url_of(row) == f"https://chat.example.com{row.path}"
    assert env.public_url(["https://one.example.com", "https://two.example.com"]) == "https://one.example.com"
    monkeypatch.setenv("PUBLIC_URL", "https://other.example.com/")
    assert env.public_url([]) == "https://other.example.com"


def test_a_person_of_the_cast_has_nothing_waiting(db: None) -> None:
    assert inbox.count(person("dora", "Research")) == 0


def test_what_was_settled_long_ago_is_forgotten(oscar: User, olga: User, slack: NoticeChannel) -> None:
    old, open_one = halt(), ask(oscar)
    notices.settle(NoticeKind.JOB_HALTED, subject=JOB)
    inbox.look(olga, [old])
    forget_notices()
    assert Notice.objects.count() == 2
    Notice.objects.filter(pk=old.pk).update(settled_at=clock.now() - inbox.KEPT)
    forget_notices()
    assert list(Notice.objects.all()) == [open_one]
    assert [row.notice for row in Delivery.objects.all()] == [open_one]

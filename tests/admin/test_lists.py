"""Lists at the desk: paged without counting, filtered by chips, drawn by type, and shown in a side sheet."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations import clock
from conversations.admin import paging
from conversations.admin.ledger import ConversationAdmin
from conversations.models import Conversation, Response, Turn, User
from conversations.models.people import Role
from conversations.models.responses import Status, UpstreamState

LIST = "/admin/conversations/conversation/"


@pytest.fixture
def client(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("audrey", role=Role.AUDITOR))
    return client


@pytest.fixture
def many(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven conversations on pages of three."""
    monkeypatch.setattr(ConversationAdmin, "list_per_page", 3)
    for _ in range(6):
        Conversation.objects.create(
            client_key=uuid4(),
            owner=conversation.owner,
            team=conversation.team,
            deployment=conversation.deployment,
            created_at=clock.now(),
            updated_at=clock.now(),
        )


def stored(conversation: Conversation, **fields: object) -> Response:
    turn = Turn.objects.create(
        conversation=conversation,
        author=conversation.owner,
        client_key=uuid4(),
        number=1,
        created_at=clock.now(),
    )
    values = {
        "response_id": "resp_<b>1</b>",
        "status": Status.COMPLETED,
        "upstream_state": UpstreamState.STORED,
        "expires_at": clock.now() + timedelta(days=12, hours=1),
        "queued_at": clock.now(),
        "ended_at": clock.now(),
        "parameters": {"reasoning": {"effort": "low"}},
    }
    return Response.objects.create(
        turn=turn,
        conversation=conversation,
        team=conversation.team,
        person=conversation.owner,
        deployment=conversation.deployment,
        endpoint=conversation.deployment.endpoint,
        **(values | fields),
    )


def rows_of(page: str) -> int:
    return page.count("row-link")


def test_conversations_come_newest_first(client: Client, many: None) -> None:
    page = client.get(LIST).content.decode()
    newest = list(Conversation.objects.order_by("-created_at").values_list("pk", flat=True)[:3])
    places = [page.find(f"{key}/change/") for key in newest]
    assert -1 not in places
    assert places == sorted(places)


def test_each_page_knows_only_its_neighbours(client: Client, many: None) -> None:
    first, second, last = (client.get(f"{LIST}?p={number}").content.decode() for number in (1, 2, 3))
    assert [rows_of(page) for page in (first, second, last)] == [3, 3, 1]
    assert [('rel="prev"' in page, 'rel="next"' in page) for page in (first, second, last)] == [
        (False, True),
        (True, True),
        (True, False),
    ]


@pytest.mark.parametrize("number", ["0", "-1", "word", "99999999"])
def test_a_page_that_is_not_there_is_still_answered(client: Client, many: None, number: str) -> None:
    assert client.get(f"{LIST}?p={number}").status_code == 200


def test_no_list_is_ever_counted(client: Client, many: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(f"{LIST}?visibility__exact=team&p=2")
    assert not [query["sql"] for query in asked if "COUNT(" in query["sql"]]


def test_behind_the_last_page_one_is_asked_to_narrow_the_list(
    client: Client, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "LAST_PAGE", 2)
    page = client.get(f"{LIST}?p=3").content.decode()
    assert "Narrow the list" in page
    assert 'rel="next"' not in page


def test_each_filter_that_is_set_is_a_chip_that_takes_it_away(client: Client, many: None) -> None:
    plain = client.get(LIST).content.decode()
    assert "Remove filter" not in plain
    page = client.get(f"{LIST}?visibility__exact=team").content.decode()
    assert 'aria-label="Remove filter Visibility: Team"' in page


def test_cells_are_drawn_by_type_and_escaped(client: Client, conversation: Conversation) -> None:
    stored(conversation)
    page = client.get("/admin/conversations/response/").content.decode()
    assert "resp_&lt;b&gt;1" in page
    assert "<b>1</b>" not in page
    assert "12 days" in page
    assert 'class="pill stored"' in page
    assert "<time datetime=" in page


def test_the_sheet_is_the_page_without_its_frame(client: Client, conversation: Conversation) -> None:
    row = stored(conversation)
    url = f"/admin/conversations/response/{row.pk}/change/"
    page, sheet = client.get(url).content.decode(), client.get(f"{url}?_sheet=1").content.decode()
    for text in (page, sheet):
        assert "<dl>" in text
        assert 'data-copy="resp_&lt;b&gt;1&lt;/b&gt;"' in text
    assert "<html" in page
    assert "<html" not in sheet


def test_no_page_has_a_style_or_script_of_its_own(client: Client, conversation: Conversation) -> None:
    row = stored(conversation)
    for path in ("/admin/", LIST, f"/admin/conversations/response/{row.pk}/change/"):
        page = client.get(path).content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page

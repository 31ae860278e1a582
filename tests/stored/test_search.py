"""Search: what is found, that both databases find the same, and that nothing is left of what is forgotten."""

import re
import unicodedata
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations import clock
from conversations.chat import turns
from conversations.models import Conversation, Response, SearchText, User
from conversations.models.people import Role
from conversations.stored import items, searching
from conversations.stored.folding import BREAK, fold, indexed, sought, words
from conversations.stored.selection import Selection
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db


@pytest.fixture
def audrey(db: None) -> User:
    return User.objects.create_user("audrey", role=Role.AUDITOR)


def add(conversation: Conversation, question: str, answer: str = "", days: float = 1) -> Response:
    at = clock.now() - timedelta(days=days)
    response = add_response(conversation, (question, answer), queued_at=at)
    searching.index(response)
    return response


def found(user: User, query: str, *, days: int = 30) -> list[Response]:
    return searching.hits(user, Selection(), query, days=days).rows


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("The Budget for 2027", "budg"),
        ("Überstraße in Zürich", "ZURICH uberstrasse"),
        ("e\u0301clair", "éclair"),
        ("\uff26\uff35\uff2c\uff2c\u3000\uff57ide", "full wide"),
        ("ﬁnance", "fin"),
        ("don't", "don't"),
        ("snake_case", "case"),
        ("v1.2.3", "v1.2.3"),
        ("東京都に行きます", "京都"),
        ("東京都に行きます", "東京都に"),
        ("東京都に行きます", "す"),
        ("GPT-4は良い", "gpt 4は"),
        ("データベース", "ベース"),
        ("ﾃﾞｰﾀ", "データ"),
        ("한국어로 써 주세요", "국어"),
        ("你好。世界", "世界 你好"),
        ("हिन्दी में", "हिन्दी"),
        ("Ελληνικός", "ΕΛΛΗΝΙΚΟΣ"),
        ("İstanbul", "istanbul"),
        ("one two three", '"two three"'),
        ("one two three", "“one two” thr"),
        ("see 東京都 now", '"see 東京"'),
        ("x" * 300, "x" * 100),
    ],
)
def test_it_finds(audrey: User, conversation: Conversation, text: str, query: str) -> None:
    hit = add(conversation, text)
    add(conversation, "nothing of the kind")
    assert found(audrey, query) == [hit]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("rebudget", "budget"),
        ("one two", "one three"),
        ("one two three", '"one three"'),
        ("one two three", '"two thr"'),
        ("東都京", "東京"),
        ("東京 京都", "東京都"),
        ("one", '"one question"'),
        ("カ", "ガ"),
    ],
)
def test_it_does_not_find(audrey: User, conversation: Conversation, text: str, query: str) -> None:
    add(conversation, text, "question")
    assert found(audrey, query) == []


def test_questions_and_answers_are_searched_newest_first_within_the_window(
    audrey: User, conversation: Conversation
) -> None:
    old = add(conversation, "a walnut", days=40)
    asked = add(conversation, "a walnut", days=20)
    answered = add(conversation, "what?", "walnuts", days=10)
    assert found(audrey, "walnut") == [answered, asked]
    assert found(audrey, "walnut", days=60) == [answered, asked, old]


def test_the_index_takes_over_behind_the_newest_rows_and_pages_join_without_a_seam(
    audrey: User, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NEWEST", (3,))
    monkeypatch.setattr(searching, "LOOKED_UP", (2, 4))
    rows = [add(conversation, "walnut" if number % 3 else "hazel", days=number / 10) for number in range(30)]
    wanted = [row for number, row in enumerate(rows) if number % 3]
    seen, after = [], ""
    while True:
        page = searching.hits(audrey, Selection(), "waln", after=after, size=4)
        seen += page.rows
        after = page.after
        if not after:
            break
    assert seen == wanted


def test_a_common_word_is_compared_in_what_a_rare_one_finds(
    audrey: User, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NEWEST", (20,))
    for number in range(20):
        add(conversation, "budget for 2027", days=number / 100)
    hits = [add(conversation, "a walnut budget", days=days) for days in (2, 5)]
    add(conversation, "a walnut", days=3)
    assert found(audrey, "budget walnut") == hits
    assert found(audrey, '"walnut budget"') == hits
    assert found(audrey, '"budget for" walnut') == []


def test_filters_narrow_a_search(audrey: User, conversation: Conversation, carol: User) -> None:
    hit = add(conversation, "walnut")
    assert searching.hits(audrey, Selection(person=conversation.owner), "walnut").rows == [hit]
    assert searching.hits(audrey, Selection(person=carol), "walnut").rows == []
    audrey.limited_to.add(carol.teams.get())
    assert found(audrey, "walnut") == []


def test_a_member_finds_nothing(alice: User, conversation: Conversation) -> None:
    add(conversation, "walnut")
    assert found(alice, "walnut") == []


@pytest.mark.parametrize("query", ["", "  ", "?! -- _", "'", "x" * 201, " ".join("abcdefghijklmnopqrstu")])
def test_what_cant_be_searched_for_is_said(query: str) -> None:
    with pytest.raises(searching.BadSearch):
        searching.parse(query)


def test_indexed_again_the_old_words_are_gone_and_forgotten_all_are(
    audrey: User, conversation: Conversation
) -> None:
    row = add(conversation, "walnut", "hazel")
    row.items.filter(direction="output").update(payload=items.message("almond"))
    searching.index(row)
    assert found(audrey, "hazel") == []
    assert found(audrey, "walnut almond") == [row]
    searching.forget([row])
    assert found(audrey, "walnut") == []
    assert not SearchText.objects.exists()


def test_a_text_without_end_is_searched_in_its_first_words(audrey: User, conversation: Conversation) -> None:
    many = " ".join(f"word{number}" for number in range(100_000))
    hit = add(conversation, many)
    assert found(audrey, "word7") == [hit]
    assert found(audrey, "word99999") == []


# Few letters, so that random words and queries meet.
LETTERS = st.sampled_from("aAbé\u0301ßﬁ ,_'\"%\\|東京都がか\u3099한국ｶ½İ\u0130\u094d\u0939\u093f&!:*()")
TEXTS = st.text(LETTERS, max_size=25)


@given(texts=st.lists(TEXTS, min_size=1, max_size=8), query=TEXTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_finds_what_a_plain_reading_of_the_words_finds(
    audrey: User, conversation: Conversation, texts: list[str], query: str
) -> None:
    """Whatever the database: so all of them find the same."""
    Response.objects.all().delete()
    conversation.turns.all().delete()
    rows = [add(conversation, text, text[::-1], days=number + 1) for number, text in enumerate(texts)]
    if not sought(query):
        return
    wanted = [row for row, text in zip(rows, texts, strict=True) if plainly(query, text)]
    assert found(audrey, query) == wanted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "NEWEST", (1,))
        assert found(audrey, query) == wanted


def plainly(query: str, text: str) -> bool:
    line = f" {indexed([text, text[::-1]] if text else [])} "
    return all(
        re.search(rf" {re.escape(' '.join(term.words))}{' ' if term.whole else ''}", line)
        for term in sought(query)
    )


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert [fold(word) for word in words(text)] == words(text)
    assert BREAK not in words(text)
    assert not {"'", "\\", "%", "_", " ", '"'} & set("".join(words(text)))


@given(st.text(max_size=20))
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    line = f" {indexed([text])} "
    assert all(f" {' '.join(term.words)}" in line for term in sought(text.replace('"', " ")))


def test_accents_are_those_that_unicode_calls_so() -> None:
    assert unicodedata.name(fold("ガ")) == "KATAKANA LETTER GA"
    assert fold("Ấ") == "a"


def test_what_was_stopped_before_it_began_is_found(
    audrey: User, alice: User, conversation: Conversation
) -> None:
    turn = turns.send_message(alice, conversation.pk, client_key=uuid4(), text="walnut", tip=None)
    assert found(audrey, "walnut") == []
    turns.request_stop(alice, turn.responses.get().pk)
    assert found(audrey, "walnut") == [turn.responses.get()]

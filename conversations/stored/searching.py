"""Search in what was asked and answered: the index of words, the hits, and the entry that a search leaves.

A hit is a response, never its text. Hits are the same on both databases: words are folded in `folding`,
and the databases only compare them.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db.models import BooleanField, Q, QuerySet, TextField, Value
from django.db.models.expressions import Func
from django.db.models.functions import Concat
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import Item, Response, SearchText, User
from conversations.models.audit import Action
from conversations.people.audit import Actor, record
from conversations.people.grants import NoReason
from conversations.people.search_grants import active_search
from conversations.stored.folding import Sought, indexed, sought
from conversations.stored.pages import NEWEST_FIRST, SIZE, Cursor, Page, beyond, lines
from conversations.stored.selection import Selection, responses_of

WINDOW_DAYS = 30
QUERY_MAX_CHARS = 200
WORDS_MAX = 20
# A common word is soon met among the newest rows and is not looked up; the index has the rest.
NEWEST = 2_000
# Of what the index has no more than this is put in order of time at once.
LOOKED_UP = 50_000


class BadSearch(ValueError):
    """What somebody typed can't be searched for, said in words for that person."""


@dataclass(frozen=True)
class Wanted:
    words: str
    days: int = WINDOW_DAYS
    after: str = ""


def index(responses: Iterable[Response]) -> None:
    """Make these findable, with all items that they have by now; part of the caller's transaction."""
    rows = {row.pk: row for row in responses}
    items = Item.objects.filter(response__in=rows).order_by("response", "direction", "position")
    texts = {
        pk: [text for _pk, text in group]
        for pk, group in groupby(items.values_list("response_id", "text"), lambda each: each[0])
    }
    SearchText.objects.bulk_create(
        [
            SearchText(response=row, at=row.queued_at, tokens=indexed(texts.get(pk, [])))
            for pk, row in rows.items()
        ],
        update_conflicts=True,
        unique_fields=["response"],
        update_fields=["at", "tokens"],
    )


def forget(response: Response) -> None:
    """Leave nothing of its words in the index."""
    SearchText.objects.filter(response=response).delete()


def parse(query: str) -> list[Sought]:
    terms = sought(query[: QUERY_MAX_CHARS + 1])
    if not terms:
        raise BadSearch(_("Type a word to search for."))
    if len(query) > QUERY_MAX_CHARS or sum(len(term.words) for term in terms) > WORDS_MAX:
        raise BadSearch(_("That is too much to search for at once. Search for fewer words."))
    return terms


def search(user: User, selection: Selection, wanted: Wanted, *, actor: Actor) -> Page:
    """Hits for somebody who has said why. The trail keeps the reason, how many there were, and of the words
    only a keyed hash: they may be as private as what they find.
    """
    grant = active_search(user)
    if grant is None:
        raise NoReason
    page = hits(user, selection, wanted.words, days=wanted.days, after=wanted.after)
    details = {
        "query": digest(wanted.words),
        "filters": selection.query(),
        "days": wanted.days,
        "hits": len(page.rows),
        "more": bool(page.after),
    }
    record(Action.SEARCHED, actor=actor, subject=grant, reason=grant.reason, details=details)
    return page


def digest(words: str) -> str:
    """The same for the same search, so that one can be shown to have been made; useless without the key."""
    spelt = json.dumps([[term.words, term.whole] for term in parse(words)])
    return salted_hmac("conversations.search", spelt, algorithm="sha256").hexdigest()[:32]


def hits(
    user: User,
    selection: Selection,
    query: str,
    *,
    days: int = WINDOW_DAYS,
    after: str = "",
    size: int = SIZE,
) -> Page:
    """Selected responses of the last days with all that the query names, newest first."""
    rows = lines(responses_of(user, selection))
    rows = rows.filter(queued_at__gte=clock.now() - timedelta(days=days))
    if after:
        rows = rows.filter(beyond(Cursor.parse("after", after), NEWEST_FIRST))
    return _Search(rows.order_by(*NEWEST_FIRST), parse(query)).page(size)


@dataclass(frozen=True)
class _Search:
    """Walks through the newest rows first and asks the index for what lies behind them."""

    rows: QuerySet[Response]
    terms: list[Sought]

    def page(self, size: int) -> Page:
        found = self._newest(size + 1)
        behind = _place(self.rows, NEWEST)
        if len(found) > size or behind is None:
            return _cut(found, size)
        matching = self._indexed(behind)
        older = self.rows.filter(beyond(behind, NEWEST_FIRST), pk__in=matching.values("response")[:LOOKED_UP])
        found += older[: size + 1 - len(found)]
        end = _place(matching, LOOKED_UP) if len(found) <= size else None
        return Page(found, after=str(end)) if end else _cut(found, size)

    def _newest(self, most: int) -> list[Response]:
        newest = SearchText.objects.filter(response__in=self.rows.values("pk")[:NEWEST])
        keys = newest.filter(_spelt(self.terms)).order_by("-at", "-response").values("response")[:most]
        return list(self.rows.filter(pk__in=[each["response"] for each in keys]))

    def _indexed(self, behind: Cursor) -> QuerySet[SearchText]:
        neighbours = [term for term in self.terms if len(term.words) > 1]
        found = SearchText.objects.filter(_HasWords(self.terms), at__lte=behind.at)
        return found.filter(_spelt(neighbours)).order_by("-at", "-response")


def _cut(found: list[Response], size: int) -> Page:
    rows = found[:size]
    return Page(rows, after=str(Cursor.of(rows[-1], NEWEST_FIRST)) if len(found) > size else "")


def _place(rows: QuerySet[Any], number: int) -> Cursor | None:
    """Where the row with that number stands, counted from 1."""
    names = ("queued_at", "pk") if rows.model is Response else ("at", "response")
    found = rows.values_list(*names)[number - 1 : number]
    return Cursor(*found[0]) if found else None


def _spelt(terms: list[Sought]) -> Q:
    """Compared letter by letter, which needs no index."""
    text = Concat(Value(" "), "tokens", Value(" "), output_field=TextField())
    return Q(*(_Like(text, Value(f"% {' '.join(term.words)}{' ' if term.whole else ''}%")) for term in terms))


class _Like(Func):
    template = "%(expressions)s"
    arg_joiner = " LIKE "
    output_field = BooleanField()


class _HasWords(Func):
    """The index of words, in each database's own language."""

    output_field = BooleanField()

    def __init__(self, terms: list[Sought]) -> None:
        super().__init__("tokens", "pk")
        self.words = [
            (word, number == len(term.words) and not term.whole)
            for term in terms
            for number, word in enumerate(term.words, 1)
        ]

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, _none = compiler.compile(self.source_expressions[0])
        query = " & ".join(f"'{word}'{':*' if is_prefix else ''}" for word, is_prefix in self.words)
        return f"array_to_tsvector(string_to_array({column}, ' ')) @@ %s::tsquery", [query]

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, _none = compiler.compile(self.source_expressions[1])
        query = " AND ".join(f'"{word}"{" *" if is_prefix else ""}' for word, is_prefix in self.words)
        found = "SELECT rowid FROM conversations_searchwords WHERE conversations_searchwords MATCH %s"
        return f"{column} IN ({found})", [query]

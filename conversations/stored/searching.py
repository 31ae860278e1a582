"""Search in what was asked and answered: the index of words, the hits, and the entry that a search leaves.

A hit is a response, never its text. Hits are the same on both databases: words are folded in `folding`,
and the databases only compare them.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, QuerySet, TextField, Value
from django.db.models.expressions import Func
from django.db.models.functions import Concat
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from conversations import clock
from conversations.composed import Composed, Insert, Slot
from conversations.models import Item, Response, SearchText, User
from conversations.models.audit import Action
from conversations.people.audit import Actor, record
from conversations.people.grants import NoReason
from conversations.people.search_grants import active_search
from conversations.stored.folding import Sought, indexed, sought
from conversations.stored.pages import NEWEST_FIRST, SIZE, Cursor, Page, beyond, lines
from conversations.stored.selection import Selection, responses_of
from conversations.stored.wording import words_of

WINDOW_DAYS = 30
QUERY_MAX_CHARS = 200
WORDS_MAX = 20
# A common word is soon met among so many of the newest rows; one that less than one in a hundred has is
# looked up in the index instead.
NEWEST = (400, 2_000)
RARE = 100
# A term that so many times more rows have than the rarest is left to be compared in what that one finds.
COMMON = 10
# So many of what the index has are looked through for the selection; then somebody asks for older ones.
LOOKED_UP = (200, 5_000)

PAYLOADS = Composed(
    lambda: (
        Item.objects.filter(response=Slot("response"))
        .order_by("direction", "position")
        .values_list("payload", flat=True)
    )
)
TEXT = Insert(SearchText, unique="response")


class BadSearch(ValueError):
    """What somebody typed can't be searched for, said in words for that person."""


@dataclass(frozen=True)
class Wanted:
    words: str
    days: int = WINDOW_DAYS
    after: str = ""


def index(response: Response) -> None:
    """Make it findable, with all items that it has by now; part of the caller's transaction."""
    TEXT.add(_text(response, PAYLOADS.rows(response=response.pk)))


def index_all(responses: Iterable[Response]) -> None:
    """The same for many, in a quarter of the time for each."""
    rows = {row.pk: row for row in responses}
    items = Item.objects.filter(response__in=rows).order_by("response_id", "direction", "position")
    payloads: defaultdict[UUID, list[Any]] = defaultdict(list)
    for pk, payload in items.values_list("response_id", "payload"):
        payloads[pk].append(payload)
    SearchText.objects.bulk_create(
        [_text(row, payloads[pk]) for pk, row in rows.items()],
        update_conflicts=True,
        unique_fields=["response"],
        update_fields=["at", "tokens"],
    )


def _text(response: Response, payloads: list[Any]) -> SearchText:
    words = [word for payload in payloads for word in words_of(payload)]
    return SearchText(response=response, at=response.queued_at, tokens=indexed(words))


def forget(responses: Iterable[Response]) -> None:
    """Leave nothing of their words in the index."""
    SearchText.objects.filter(response__in=responses).delete()
    if connection.vendor == "sqlite":
        # It only marks words as deleted, until it merges its segments.
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO conversations_searchwords (conversations_searchwords) VALUES ('optimize')"
            )


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
    return hits_in(responses_of(user, selection), query, days=days, after=after, size=size)


def hits_in(
    responses: QuerySet[Response], query: str, *, days: int = WINDOW_DAYS, after: str = "", size: int = SIZE
) -> Page:
    """The same among responses that whoever asks may see."""
    since = clock.now() - timedelta(days=days)
    rows = lines(responses).filter(queued_at__gte=since)
    if after:
        rows = rows.filter(beyond(Cursor.parse("after", after), NEWEST_FIRST))
    return _Search(rows.order_by(*NEWEST_FIRST), parse(query), since).page(size)


@dataclass(frozen=True)
class _Search:
    """Walks through the newest rows first and asks the index for what lies behind them."""

    rows: QuerySet[Response]
    terms: list[Sought]
    since: datetime

    def page(self, size: int) -> Page:
        met = Counter[Sought]()
        found, behind = self._newest(size, met)
        if behind and len(found) <= size:
            found, behind = self._looked_up(found, behind, size, self._telling(met))
        rows = {row.pk: row for row in self.rows.filter(pk__in=[place.pk for place in found[:size]])}
        end = found[size - 1] if len(found) > size else behind
        return Page([rows[place.pk] for place in found[:size] if place.pk in rows], after=str(end or ""))

    def _newest(self, size: int, met: Counter[Sought]) -> tuple[list[Cursor], Cursor | None]:
        """What is found, and where those rows end if more are behind them; `met` counts who has a term."""
        found: list[Cursor] = []
        behind = None
        for number in NEWEST:
            rows = self.rows.filter(beyond(behind, NEWEST_FIRST)) if behind else self.rows
            places = _places(rows.values_list("queued_at", "pk")[:number])
            found += self._spelt_among(places, met)
            behind = places[-1] if len(places) == number else None
            if len(found) > size or behind is None or len(found) * RARE < number:
                break
        return found, behind

    def _spelt_among(self, places: list[Cursor], met: Counter[Sought]) -> list[Cursor]:
        """By their keys, since the database would rather read all texts than join so few."""
        texts = SearchText.objects.filter(response__in=[place.pk for place in places])
        keys = set()
        for key, *there in texts.values_list("response", *map(_is_spelt, self.terms)):
            met.update(term for term, has_it in zip(self.terms, there, strict=True) if has_it)
            if all(there):
                keys.add(key)
        return [place for place in places if place.pk in keys]

    def _telling(self, met: Counter[Sought]) -> list[Sought]:
        """The rarest. Of a common one the index would gather all that begins with it, however few remain."""
        rarest = min(met[term] for term in self.terms)
        return [term for term in self.terms if met[term] <= COMMON * max(1, rarest)]

    def _looked_up(
        self, found: list[Cursor], behind: Cursor, size: int, telling: list[Sought]
    ) -> tuple[list[Cursor], Cursor | None]:
        for number in LOOKED_UP:
            known = _places(self._indexed(behind, telling).values_list("at", "response")[:number])
            selected = self.rows.filter(pk__in=[place.pk for place in known]).values_list("queued_at", "pk")
            found += _places(selected[: size + 1 - len(found)])
            if len(known) < number:
                return found, None
            behind = known[-1]
            if len(found) > size:
                break
        return found, behind

    def _indexed(self, behind: Cursor, telling: list[Sought]) -> QuerySet[SearchText]:
        unproved = [term for term in self.terms if len(term.words) > 1 or term not in telling]
        found = SearchText.objects.filter(_HasWords(telling), *map(_is_spelt, unproved), at__gte=self.since)
        return found.filter(beyond(behind, ("-at", "-response"))).order_by("-at", "-response")


def _places(pairs: Iterable[tuple[datetime, Any]]) -> list[Cursor]:
    return [Cursor(at, pk) for at, pk in pairs]


def _is_spelt(term: Sought) -> "_Like":
    """Compared letter by letter, which needs no index."""
    text = Concat(Value(" "), "tokens", Value(" "), output_field=TextField())
    return _Like(text, Value(f"% {' '.join(term.words)}{' ' if term.whole else ''}%"))


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

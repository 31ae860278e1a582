"""What is measured on a ledger, through the functions that the desk's pages call. Django must be set up."""

from collections.abc import Callable, Iterable, Iterator, Sized
from functools import partial
from typing import Any

import dj_database_url
from django.db import connection, connections
from django.http import HttpRequest, QueryDict
from django.test.utils import CaptureQueriesContext

from benchmarks.million import COMMON, MIDDLING, RARE
from conversations.admin.overview import overview
from conversations.models import Conversation, Response, User
from conversations.stored import searching
from conversations.stored.pages import listed
from conversations.stored.recount import rebuild
from conversations.stored.selection import Selection

Rows = list[Response]
Measured = Callable[[], Sized]
ALONE = (
    *("person=person1", "team=Team+7", "deployment=deployment-3", "deployment=deployment-12"),
    *("endpoint=endpoint-2", "model=model-2", "status=completed", "status=failed", "upstream=stored"),
    *("upstream=not_learned", "origin=chat", "origin=import", "days=7", "tokens_from=50000", "tokens_to=60"),
    *("cost_from=1.5", "cost_to=0.001", "size_from=50000", "size_to=310", "held=yes", "held=no"),
    *("expires_within=3", "background=yes", "background=no", "error=any", "error=content_filter"),
)
COMBINED = {
    "A deployment's failures": "deployment=deployment-1&status=failed",
    "A deployment's, stored and expensive": "deployment=deployment-2&upstream=stored&cost_from=0.1",
    "Errors of an endpoint in two weeks": "endpoint=endpoint-2&error=any&days=14",
    "Held and expiring": "held=yes&expires_within=14",
    "Large ones of a model in the background": "model=model-2&background=yes&size_from=20000",
}
_state: dict[str, Any] = {}


def use(address: str) -> None:
    """Ask this database from now on."""
    if address not in _state:
        wrapper = connections.create_connection("default")
        # Without the pool, which all connections of one alias share.
        wrapper.settings_dict = wrapper.settings_dict | dict(dj_database_url.parse(address)) | {"OPTIONS": {}}
        _state[address] = wrapper, _places(wrapper)
    wrapper, _state["places"] = _state[address]
    connections["default"] = wrapper


def _places(wrapper: Any) -> dict[str, str]:
    """Counts the daily figures; what the twentieth page begins behind, and a conversation with answers."""
    connections["default"] = wrapper
    rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does before long
    after = ""
    for _page in range(19):
        after = listed(_auditor(), Selection(), after=after).after
    return {"after": after, "conversation": str(Conversation.objects.order_by("created_at").last())[13:]}


def cases() -> Iterator[tuple[str, Measured]]:
    yield "First page", partial(_listed, "")
    yield "Twentieth page", lambda: listed(_auditor(), Selection(), after=_state["places"]["after"]).rows
    yield "conversation=…", lambda: _listed(f"conversation={_state['places']['conversation']}")
    for query in ALONE:
        yield query, partial(_listed, query)
    for name, query in COMBINED.items():
        yield name, partial(_listed, query)
    yield "Expiring queue, 30 days", partial(_listed, "expires_within=30")
    yield from _searches()
    yield "Dashboard, 30 days", partial(_dashboard, "days=30")
    yield "Dashboard, 90 days by team", partial(_dashboard, "days=90&by=team")


def _searches() -> Iterator[tuple[str, Measured]]:
    for name, words in {
        "Search: common word": COMMON,
        "Search: one in a hundred": MIDDLING,
        "Search: rare word": RARE,
        "Search: no such word": "xylophone",
        "Search: common and rare": f"{COMMON} {RARE}",
    }.items():
        yield name, partial(_found, "", words)
    yield "Search: common, of one deployment", partial(_found, "deployment=deployment-3", COMMON)
    yield "Search: rare, of one deployment", partial(_found, "deployment=deployment-3", RARE)


def _listed(query: str) -> Rows:
    return listed(_auditor(), Selection.parse(QueryDict(query))).rows


def _found(query: str, words: str) -> Rows:
    return searching.hits(_auditor(), Selection.parse(QueryDict(query)), words).rows


def _dashboard(query: str) -> Sized:
    request = HttpRequest()
    request.GET, request.user = QueryDict(query), _auditor()
    return overview(request).charts


def _auditor() -> User:
    return User.objects.get(pk=1)


def explain(missed: Iterable[tuple[str, Measured]]) -> None:
    """Every query of these and its plan, on the database in use."""
    for name, run in missed:
        with CaptureQueriesContext(connection) as captured:
            run()
        print(f"\n== {name}")
        for query in captured.captured_queries:
            print(f"\n{query['sql'][:1500]}")
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query['sql'].replace('%', '%%')}")
                print("\n".join(line for (line,) in cursor.fetchall()))

"""A ledger of any size, made inside PostgreSQL: people, teams, conversations, chains, items, searched words.

Sixty days of it, so that half has expired. Everything keeps its share at every size but for the rare word,
which forty responses have however many there are, and for people, teams and deployments.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from conversations.stored.folding import BREAK, fold

PEOPLE, TEAMS, DEPLOYMENTS, ENDPOINTS = 50_000, 200, 12, 3
# Of one conversation.
RESPONSES_EACH = 5
DAYS = 60
COMMON, MIDDLING, RARE = "budget", "quarterly", "walnut"
SENTENCES, WORDS, WORDS_EACH = 4_000, 8_000, 16
TEXT = Path(__file__).with_suffix(".sql")
FILLED = ("response", "item", "searchtext", "turn", "conversation")


def fill(url: str, responses: int) -> float:
    """Into a migrated, empty database; the seconds that it took."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no foreign key is looked up
        connection.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'; SELECT setseed(0.5)")
        _write_sentences(connection)
        with _without_indexes(connection):
            connection.execute(_statements(responses))
        connection.execute("VACUUM ANALYZE")
    return time.monotonic() - began


def _statements(responses: int) -> sql.Composed:
    numbers = {
        "count": responses,
        "conversations": -(-responses // RESPONSES_EACH),
        "people": PEOPLE,
        "teams": TEAMS,
        "deployments": DEPLOYMENTS,
        "endpoints": ENDPOINTS,
        "each": RESPONSES_EACH,
        "days": DAYS,
        "sentences": SENTENCES,
    }
    words = {"common": COMMON, "middling": MIDDLING, "rare": RARE, "pause": BREAK}
    return sql.SQL(TEXT.read_text()).format(
        **{name: sql.Literal(number) for name, number in numbers.items()},
        **{name: sql.SQL(word) for name, word in words.items()},
    )


def _write_sentences(connection: psycopg.Connection) -> None:
    """Words as often as words are: the tenth is met ten times less than the first."""
    chance = random.Random(5)
    vocabulary = [_word(number) for number in range(WORDS)]
    weights = [1 / number for number in range(1, WORDS + 1)]
    connection.execute("CREATE TEMP TABLE sentence (k int PRIMARY KEY, text text)")
    with connection.cursor().copy("COPY sentence FROM STDIN") as copy:
        for number in range(1, SENTENCES + 1):
            copy.write_row((number, " ".join(chance.choices(vocabulary, weights, k=WORDS_EACH))))


def _word(number: int) -> str:
    syllables = ("ka", "lo", "mi", "ten", "sur", "va", "pel", "do", "rin", "ge")
    return fold("".join(syllables[int(digit)] for digit in str(number + 1000)))


@contextmanager
def _without_indexes(connection: psycopg.Connection) -> Iterator[None]:
    """They are made again at the end, which takes a fraction of the time of keeping them."""
    tables = [f"conversations_{name}" for name in FILLED]
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "WHERE i.indrelid::regclass::text = ANY(%s) "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [tables],
    ).fetchall()
    for name, _definition in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for _name, definition in found:
        connection.execute(definition)

"""One JSON object a line: a response as the ledger has it, with its items as the API has them."""

from collections.abc import Iterator

import orjson

from conversations.models import Response
from conversations.stored.formats.rows import as_object


def files(rows: Iterator[Response]) -> Iterator[tuple[str, Iterator[str]]]:
    yield "responses.jsonl", (orjson.dumps(as_object(row)).decode() + "\n" for row in rows)

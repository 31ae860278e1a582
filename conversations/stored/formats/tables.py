"""One row a response. Safe in a spreadsheet: no cell is taken for a formula."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from conversations.models import Response
from conversations.stored.browsed import steps
from conversations.stored.formats import browsing
from conversations.stored.formats.rows import ANSWERED, ASKED, as_object, items, verdict

COLUMNS = (
    *("id", "response_id", "previous_response_id", "origin", "conversation", "turn", "attempt", "round"),
    *("team", "person", "endpoint", "deployment", "model", "status", "upstream_state"),
    *("queued_at", "ended_at", "expires_at", "size"),
)
TOKENS = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
HEAD = (*COLUMNS, *TOKENS, "cost", "currency", "error", "input_text", "output_text", "calls", "steps")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BOM = "\ufeff"  # or Excel takes UTF-8 for something else


def files(rows: Iterator[Response]) -> Iterator[tuple[str, Iterator[str]]]:
    yield "responses.csv", _lines(rows)


def _lines(rows: Iterator[Response]) -> Iterator[str]:
    yield BOM + _line(HEAD)
    for row in rows:
        yield _line(_cells(row))


def _cells(row: Response) -> list[Any]:
    told = as_object(row)
    cost = told["cost"] or {"amount": "", "currency": ""}
    return [
        *(told[name] for name in COLUMNS),
        *(told["usage"][name] for name in TOKENS),
        *(cost["amount"], cost["currency"], (row.error or {}).get("kind", "")),
        *("\n".join(item.text for item in items(row, direction)) for direction in (ASKED, ANSWERED)),
        "\n".join(f"{call.name}: {verdict(call)}" for call in row.calls.all()),
        "\n".join(f"{step.number}: {browsing.verdict(step)}" for step in steps(row)),
    ]


def _line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([neutral(cell) for cell in cells])
    return out.getvalue()


def neutral(cell: Any) -> Any:
    """With an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell

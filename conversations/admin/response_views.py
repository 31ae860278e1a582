"""The words of a response for its page: what the ledger has, and how upstream's copy differs."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from conversations.admin import files, showing, values
from conversations.admin.showing import Row
from conversations.models import HeldCopy, Response
from conversations.models.responses import Direction
from conversations.stored import chains, references
from conversations.stored.as_api import as_api, comparable, payloads
from conversations.stored.auditing import InputItems, Sight
from conversations.stored.comparison import Comparison, Difference, align, compare, of_pairs
from conversations.stored.depth import bounded
from conversations.stored.words import Segment, mark

Json = dict[str, Any]
# Shown as items, or known without looking.
ELSEWHERE = ("id", "output")


@dataclass(frozen=True)
class Field:
    name: str
    here: list[Segment]
    there: list[Segment]
    differs: bool


@dataclass
class View:
    """`asked`: whether upstream's copy is here to compare with. `same`: it has no difference."""

    fields: list[Field]
    output: list[Row]
    input: list[Row]
    raw_here: SafeString
    raw_there: SafeString | None = None
    asked: bool = False
    same: bool = False
    differences: list[str] = field(default_factory=list)
    only_upstream: list[str] = field(default_factory=list)
    inputs: InputItems | None = None
    inputs_same: bool = False


def of(response: Response, sight: Sight | None, inputs: InputItems | None) -> View:
    here, given = bounded(as_api(response)), bounded(payloads(response, Direction.INPUT))
    view = View(
        fields=_fields(here, {}, []),
        output=showing.alone(here["output"]),
        input=showing.alone(given),
        raw_here=values.json_viewer({**here, "input": given}),
    )
    if sight is not None and sight.found is not None:
        there = references.named_as_here(bounded(sight.found), files.named(response))
        _compare(view, here, there)
    if inputs is not None:
        _compare_input(view, response, inputs)
    files.show(response, [*view.output, *view.input])
    return view


def upstream_copy(response: Response) -> SafeString | None:
    """What was fetched because a hold covers it and the ledger lacked something; None where nothing was."""
    copy: HeldCopy | None = getattr(response, "held_copy", None)
    if copy is None or copy.body is None:
        return None
    return values.json_viewer(bounded({**copy.body, "input": copy.input}))


def _compare(view: View, here: Json, found: Json) -> None:
    there = comparable(found)
    compared: Comparison = compare(here, there)
    view.asked, view.same = True, compared.same
    view.differences = [showing.describe(one) for one in compared.differences]
    view.only_upstream = compared.only_upstream
    view.fields = _fields(here, there, compared.differences)
    view.output = showing.paired(compared.output)
    view.raw_there = values.json_viewer(found)


def _compare_input(view: View, response: Response, inputs: InputItems) -> None:
    view.inputs = inputs
    if inputs.answer.error is not None and not inputs.items:
        return
    newest_first = inputs.order == "desc"
    expected = [bounded(item) for item in chains.context_of(response)]
    found_there = references.named_as_here(inputs.items, files.named(response))
    there = found_there[::-1] if newest_first else found_there
    if inputs.cut:
        expected = expected[-len(there) :] if newest_first else expected[: len(there)]
    pairs = align(expected, there, sent=True)
    found = of_pairs("input", pairs)
    view.inputs_same = not found
    view.differences += [showing.describe(one) for one in found]
    rows = showing.paired(pairs)
    view.input = rows[::-1] if newest_first else rows


def _fields(here: Json, there: Json, differences: list[Difference]) -> list[Field]:
    differing = {str(one.path[0]) for one in differences}
    return [
        _field(name, _words(value), _words(there.get(name)), name in differing)
        for name, value in here.items()
        if name not in ELSEWHERE and (value not in (None, "", [], {}) or name in differing)
    ]


def _field(name: str, here: str, there: str, differs: bool) -> Field:
    left, right = mark(here, there) if differs else ([(here, False)], [(there, False)])
    return Field(name.replace("_", " "), left, right, differs)


def _words(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

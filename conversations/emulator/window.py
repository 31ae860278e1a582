"""A model's context window: what it reads of a conversation, and what happens where that doesn't fit.

Too much is refused, unless ``truncation`` lets the service leave out the oldest items. Where compaction is
asked for, what was said so far becomes one sealed item above its threshold, which stands for all before it.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from conversations.emulator import codec, errors, objects, usage
from conversations.emulator.deployments import Deployment
from conversations.emulator.streaming.calls import Call
from conversations.emulator.validation import wrong_value

Json = dict[str, Any]

KIND = "compaction"
SEAL = "gAAAAAcmp"
REMEMBERED, REMEMBERED_CHARS = 20, 80


@dataclass(frozen=True)
class Reading:
    """``items`` are what the model reads, ``text`` is that as one prompt; ``compaction`` is of the rest."""

    items: list[Json]
    text: str
    compaction: Call | None = None

    @property
    def tokens(self) -> int:
        return usage.tokens(self.text)


def since_compaction(context: list[Json]) -> list[Json]:
    """A compaction stands for everything before it."""
    places = [place for place, item in enumerate(context) if item["type"] == KIND]
    return context[places[-1] :] if places else context


def count(request: Json, context: list[Json]) -> int:
    return _reading(request, _opened(since_compaction(context))).tokens


def read(request: Json, deployment: Deployment, context: list[Json]) -> Reading:
    """Raises the refusal of what the model can't hold."""
    items = _opened(since_compaction(context))
    reading = _reading(request, items)
    most = deployment.context_window
    if request.get("truncation") == "auto":
        while reading.tokens > most and len(items) > 1:
            items = items[1:]
            reading = _reading(request, items)
    if reading.tokens > most:
        raise errors.context_too_long()
    threshold = _threshold(request)
    return _compacted(request, items) if threshold and reading.tokens >= threshold else reading


def check(request: Json) -> None:
    for number, entry in enumerate(request.get("context_management") or []):
        kind = entry.get("type") if isinstance(entry, dict) else None
        if kind != KIND:
            raise wrong_value(f"context_management[{number}].type", kind, (KIND,))


def _threshold(request: Json) -> int | None:
    return next((entry.get("compact_threshold") for entry in request.get("context_management") or []), None)


def _reading(request: Json, items: list[Json], compaction: Call | None = None) -> Reading:
    return Reading(items, usage.prompt_text(request.get("instructions") or "", items), compaction)


def _compacted(request: Json, items: list[Json]) -> Reading:
    """The model goes on with what it remembers and with the newest item."""
    opened = {"id": objects.new_id("cmp"), "type": KIND, "encrypted_content": ""}
    call = Call(opened, {**opened, "encrypted_content": _sealed(items)}, ("compacting",))
    before = {**opened, "encrypted_content": _sealed(items[:-1])}
    return _reading(request, _opened([before, *items[-1:]]), call)


def _sealed(items: list[Json]) -> str:
    said = [usage.item_text(item)[:REMEMBERED_CHARS] for item in items if item.get("role") == "user"]
    return SEAL + base64.b64encode(codec.dumps(said[-REMEMBERED:])).decode()


def _opened(items: list[Json]) -> list[Json]:
    return [message for item in items for message in (_remembered(item) if item["type"] == KIND else [item])]


def _remembered(item: Json) -> list[Json]:
    try:
        said = codec.loads(
            base64.b64decode(str(item.get("encrypted_content")).removeprefix(SEAL), validate=True)
        )
    except (binascii.Error, ValueError) as wrong:
        message = "The encrypted content of a compaction item could not be verified."
        raise errors.invalid(message, param="input", code="invalid_encrypted_content") from wrong
    return objects.input_items([{"role": "user", "content": text} for text in said])

"""Items of the API, input and output: made, read and stripped for sending again."""

from collections.abc import Iterable
from typing import Any

import orjson

from conversations.composed import Insert
from conversations.models import Item, Response
from conversations.models.responses import Direction

Payload = dict[str, Any]

# Set by the API on what it returns; refused or meaningless on what it is sent.
ANSWER_ONLY = ("id", "status", "created_by")
SEALED = ("reasoning", "compaction")

ITEM = Insert(Item)


def message(text: str, files: Iterable[Payload] = ()) -> Payload:
    """What a person wrote, and the parts of what came with it."""
    words = [{"type": "input_text", "text": text}] if text else []
    return {"type": "message", "role": "user", "content": [*words, *files]}


def text_of(item: Payload) -> str:
    """The words of an item, for search and for people."""
    parts = [*_parts(item.get("content")), *_parts(item.get("summary"))]
    found = [part.get("text") or part.get("refusal") for part in parts]
    return "\n".join(text for text in found if isinstance(text, str) and text)


def _parts(content: Any) -> list[Payload]:
    """Some servers send a text in place of its parts, or nothing that makes sense."""
    if isinstance(content, str):
        return [{"text": content}]
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def columns(payload: Payload) -> dict[str, Any]:
    """What a row keeps of an item beside the item itself."""
    return {
        "item_id": str(payload.get("id") or "")[:200],
        "type": str(payload.get("type") or "")[:60],
        "role": str(payload.get("role") or "")[:20],
        "payload": payload,
        "text": text_of(payload),
    }


def add(response: Response, direction: Direction, payloads: Iterable[Payload]) -> None:
    for position, payload in enumerate(payloads):
        ITEM.add(Item(response=response, direction=direction, position=position, **columns(payload)))


def size_of(payloads: Iterable[Payload]) -> int:
    """Bytes of these items as JSON."""
    return sum(len(orjson.dumps(payload)) for payload in payloads)


def sendable(item: Payload, *, readable: bool = True) -> Payload | None:
    """An output item as it can be sent again in another response's input; None where it can't.

    What is sealed goes along only where its encrypted content is there and can be read, says `readable`.
    """
    kind = item.get("type")
    if kind in SEALED and not (readable and item.get("encrypted_content")):
        return None
    if kind == "image_generation_call" and not item.get("result"):
        return None
    if kind == "message":
        text = text_of(item)
        return _assistant(text) if text else None
    return {key: value for key, value in item.items() if key not in ANSWER_ONLY}


def _assistant(text: str) -> Payload:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}

"""Items of the API as people read them: text, pictures that are safe to show, and everything else by name."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from conversations.stored.comparison import Difference, Kind, Pair
from conversations.stored.references import MARKS, PREFIX
from conversations.stored.telling import Line, cited, told
from conversations.stored.words import Segment, mark

Json = dict[str, Any]
Path = tuple[str | int, ...]

# Formats that a browser draws without running anything in them; so no SVG.
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z")
_DATA = re.compile(r"data:([^;,]*)(;base64)?,(.*)\Z", re.DOTALL)
MOST_CHARS = 200_000
CONTEXT_CHARS = 24


@dataclass
class Block:
    """One part of an item: text in pieces, or a picture, or a file by name, size and hash.

    `attachment`: the SHA-256 of one that is kept here, of which `files.show` tells the rest.
    """

    path: Path
    label: str = ""
    segments: list[Segment] = field(default_factory=list)
    picture: str = ""
    name: str = ""
    facts: str = ""
    code: bool = False
    attachment: str = ""
    href: str = ""
    text: str = ""


@dataclass(frozen=True)
class Shown:
    title: str
    identity: str
    position: int
    blocks: list[Block]
    cut: bool


@dataclass(frozen=True)
class Row:
    """One item on both sides. `kind`: how they differ; empty where they are the same or only one is known."""

    here: Shown | None
    there: Shown | None
    kind: str
    notes: list[str]


def alone(items: Sequence[Json]) -> list[Row]:
    """Only the ledger's; upstream wasn't asked."""
    return [Row(shown(item, at), None, "", []) for at, item in enumerate(items)]


def paired(pairs: Sequence[Pair]) -> list[Row]:
    return [_row(pair) for pair in pairs]


def _row(pair: Pair) -> Row:
    here = shown(pair.here, pair.here_at or 0) if pair.here is not None else None
    there = shown(pair.there, pair.there_at or 0) if pair.there is not None else None
    if here and there:
        _mark(here.blocks, there.blocks, pair.differences)
    notes = [describe(one) for one in pair.differences]
    if pair.moved and pair.there_at is not None:
        notes.append(_("Stands at position %d upstream.") % (pair.there_at + 1))
    return Row(here, there, pair.kind.value if pair.kind else "", notes)


def _mark(here: list[Block], there: list[Block], differences: Sequence[Difference]) -> None:
    """Words that differ, in the texts of both sides."""
    theirs = {block.path: block for block in there}
    for one in differences:
        for block in here:
            other = theirs.get(block.path)
            if block.path == one.path and other and one.kind == Kind.CHANGED:
                block.segments, other.segments = mark(_whole(block), _whole(other))


def _whole(block: Block) -> str:
    return "".join(text for text, _differs in block.segments)


def describe(one: Difference) -> str:
    """One difference in words."""
    where = " / ".join(str(step + 1) if isinstance(step, int) else step for step in one.path) or _("The item")
    match one.kind:
        case Kind.MISSING:
            return _("%(where)s: missing upstream (here %(here)s)") % {
                "where": where,
                "here": _short(one.here),
            }
        case Kind.ADDED:
            return _("%(where)s: only upstream (%(there)s)") % {"where": where, "there": _short(one.there)}
        case Kind.MOVED:
            return _("%(where)s: at another position upstream") % {"where": where}
    here, there = _where_they_part(one.here, one.there)
    return _("%(where)s: here %(here)s, upstream %(there)s") % {"where": where, "here": here, "there": there}


def _where_they_part(here: Any, there: Any) -> tuple[str, str]:
    """Of two texts the first words that differ, with a little of what stands before them."""
    if not isinstance(here, str) or not isinstance(there, str):
        return _short(here), _short(there)
    left, right = mark(here, there)
    same = left[0][0] if left and right and not left[0][1] and left[0] == right[0] else ""
    skipped = max(0, len(same) - CONTEXT_CHARS)
    dots = "…" if skipped else ""
    return _short(dots + here[skipped:]), _short(dots + there[skipped:])


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"“{text[:80]}…”" if len(text) > 80 else f"“{text}”"


def shown(item: Json, position: int) -> Shown:
    blocks = list(_blocks(item))
    room, cut = MOST_CHARS, False
    for block in blocks:
        whole = _whole(block)
        cut = cut or len(whole) > room
        block.segments = [(whole[:room], False)] if whole else []
        room = max(0, room - len(whole))
    role = f" · {item['role']}" if isinstance(item.get("role"), str) else ""
    title = str(item.get("type") or "message").replace("_", " ") + role
    return Shown(title, str(item.get("id") or ""), position, blocks, cut)


def _blocks(item: Json) -> Iterator[Block]:
    kind = item.get("type")
    if kind == "reasoning":
        yield from _parts(item.get("summary"), ("summary",), _("Summary"))
        yield from _parts(item.get("content"), ("content",), "")
        if item.get("encrypted_content"):
            yield _text(
                ("encrypted_content",), str(len(str(item["encrypted_content"]))), _("Encrypted, bytes")
            )
    elif "content" in item:
        yield from _parts(item["content"], ("content",), "")
        yield from (_line(line) for line in cited(item))
    elif lines := told(item):
        yield from (_line(line) for line in lines)
    elif kind == "function_call":
        yield _text(("arguments",), item.get("arguments"), str(item.get("name") or ""), code=True)
    elif "output" in item:
        yield from _parts(item["output"], ("output",), str(item.get("call_id") or ""))
    else:
        rest = {key: value for key, value in item.items() if key not in ("type", "id", "status")}
        yield _text((), json.dumps(rest, ensure_ascii=False, indent=2), "", code=True)


def _line(line: Line) -> Block:
    """A picture is drawn where its bytes are here."""
    mark = next((kind for kind in MARKS if line.text.startswith(kind)), "")
    url = f"data:{MARKS[mark]};base64,{line.text}" if mark else line.text
    if url.startswith((PREFIX, "data:")):
        return replace(_file(line.path, url, ""), label=line.label)
    return _text(line.path, line.text, line.label, code=line.code)


def _parts(value: Any, path: Path, label: str) -> Iterator[Block]:
    """Content is text, a part, or a list of parts."""
    if isinstance(value, str):
        yield _text(path, value, label)
    elif isinstance(value, dict):
        yield _part(value, path, label)
    for at, part in enumerate(value if isinstance(value, list) else []):
        yield _part(part, (*path, at), label) if isinstance(part, dict) else _text((*path, at), part, label)


def _part(part: Json, path: Path, label: str) -> Block:
    for name in ("text", "refusal"):
        if isinstance(part.get(name), str):
            return _text((*path, name), part[name], _("Refusal") if name == "refusal" else label)
    for name in ("image_url", "file_data", "file_url"):
        if isinstance(part.get(name), str):
            return _file((*path, name), part[name], str(part.get("filename") or part.get("type") or ""))
    return _text(path, json.dumps(part, ensure_ascii=False, indent=2), label, code=True)


def _text(path: Path, value: Any, label: str, *, code: bool = False) -> Block:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Block(path, label, [(text, False)] if text else [], code=code)


def _file(path: Path, url: str, name: str) -> Block:
    """Only pictures that came as data are drawn; nothing is fetched from anywhere."""
    found = _DATA.match(url)
    if url.startswith(PREFIX):
        return Block(path, name=name, attachment=url.removeprefix(PREFIX), facts=url)
    if found is None:
        return Block(path, name=name, facts=url[:500])
    content = _bytes(found)
    digest = hashlib.sha256(content).hexdigest()
    facts = f"{found[1] or 'text/plain'} · {filesizeformat(len(content))} · SHA-256 {digest}"
    return Block(path, picture=url if _PICTURE.match(url) else "", name=name, facts=facts)


def _bytes(data: re.Match[str]) -> bytes:
    try:
        return base64.b64decode(data[3]) if data[2] else data[3].encode()
    except (binascii.Error, ValueError):
        return data[3].encode()

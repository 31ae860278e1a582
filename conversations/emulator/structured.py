"""Structured output: the refusals of a schema, and an answer that fits it."""

import json
from typing import Any

from conversations.emulator.errors import invalid

Json = Any

PARAM = "text.format.schema"
TEXTS = {"date": "2026-03-14", "date-time": "2026-03-14T09:30:00Z", "email": "someone@example.com"}
DEEPEST = 8


def format_of(request: Json) -> Json:
    """What the request says of its answer's form; None where it may be any text."""
    wanted = (request.get("text") or {}).get("format") or {}
    return wanted if wanted.get("type") == "json_schema" else None


def check(request: Json) -> None:
    wanted = format_of(request)
    if wanted is None:
        return
    for name in ("name", "schema"):
        if not wanted.get(name):
            message = f"Missing required parameter: 'text.format.{name}'."
            raise invalid(message, param=f"text.format.{name}", code="missing_required_parameter")
    if wanted["schema"].get("type") != "object":
        _not_taken(wanted["name"], "schema must be a JSON Schema of 'type: \"object\"', got another.")
    if wanted.get("strict"):
        _check_strict(wanted["name"], wanted["schema"], ())


def _check_strict(name: str, node: Json, place: tuple[str, ...]) -> None:
    if not isinstance(node, dict):
        return
    if node.get("type") == "object" or "properties" in node:
        _check_object(name, node, place)
    for key, inner in (node.get("properties") or {}).items():
        _check_strict(name, inner, (*place, "properties", key))
    for word in ("items", "additionalItems"):
        _check_strict(name, node.get(word), (*place, word))
    for number, inner in enumerate(node.get("anyOf") or ()):
        _check_strict(name, inner, (*place, "anyOf", str(number)))


def _check_object(name: str, node: Json, place: tuple[str, ...]) -> None:
    if node.get("additionalProperties") is not False:
        message = "'additionalProperties' is required to be supplied and to be false."
        _not_taken(name, f"In context={place}, {message}")
    missing = [key for key in node.get("properties") or {} if key not in (node.get("required") or ())]
    if missing:
        message = (
            "'required' is required to be supplied and to be an array including every key in properties."
        )
        _not_taken(name, f"In context={place}, {message} Missing '{missing[0]}'.")


def _not_taken(name: str, message: str) -> None:
    raise invalid(
        f"Invalid schema for response_format '{name}': {message}", param=PARAM, code="invalid_json_schema"
    )


def answer(request: Json, said: str, *, fits: bool) -> str | None:
    """As JSON, with what would have been said in its texts; None where no form was asked for."""
    wanted = format_of(request)
    if wanted is None:
        return None
    words = said.split("\n", 1)[0][:120] or "Nothing"
    made = _made(wanted["schema"], wanted["schema"], words, 0) if fits else {"unexpected": [words]}
    return json.dumps(made, ensure_ascii=False)


def _made(node: Json, root: Json, words: str, depth: int) -> Json:
    node = _resolved(node, root)
    if "const" in node or node.get("enum"):
        return node["const"] if "const" in node else node["enum"][0]
    if node.get("anyOf"):
        # The last of the alternatives is mostly null, and so ends what refers to itself.
        return _made(node["anyOf"][-1 if depth > DEEPEST else 0], root, words, depth + 1)
    kind = node.get("type")
    kind = kind[-1 if depth > DEEPEST else 0] if isinstance(kind, list) else kind
    if kind == "object":
        inner = node.get("properties") or {}
        return {name: _made(each, root, words, depth + 1) for name, each in inner.items()}
    if kind == "array":
        count = 0 if depth > DEEPEST else max(2, node.get("minItems", 0))
        return [_made(node.get("items") or {}, root, words, depth + 1) for _ in range(count)]
    if kind == "string":
        return TEXTS.get(node.get("format", ""), words)
    plain: Json = {"integer": node.get("minimum", 7), "number": node.get("minimum", 2.5), "boolean": True}
    return plain.get(kind)


def _resolved(node: Json, root: Json) -> Json:
    steps = str(node.get("$ref", "#")).split("/")[1:]
    if "$ref" not in node:
        return node
    for step in steps:
        root = root[step]
    return root

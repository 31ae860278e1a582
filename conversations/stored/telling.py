"""Items beside words as people read them: what a tool was asked and what came of it, line by line. Pure.

told({"type": "web_search_call", "action": {"query": "x"}}) == [Line(("action", "query"), "Query", "x")]

Each line knows its place in the item, by which the desk marks what differs. What is not in the table has no
lines here and is shown as JSON.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Json = dict[str, Any]
Path = tuple[str | int, ...]
Field = tuple[tuple[str, ...], str | Promise]

EACH = "*"
# Shown as code: their white space means something.
CODE = {"code", "logs", "arguments", "input", "command", "commands", "diff", "stdout", "stderr", "output"}

CALLED: list[Field] = [
    (("name",), _("Tool")),
    (("server_label",), _("Server")),
    (("arguments",), _("Arguments")),
]
FIELDS: dict[str, list[Field]] = {
    "web_search_call": [
        (("action", "query"), _("Query")),
        (("action", "url"), _("Page")),
        (("action", "pattern"), _("Looked for")),
        (("action", "sources", EACH, "url"), _("Source")),
    ],
    "file_search_call": [
        (("queries", EACH), _("Query")),
        (("results", EACH, "filename"), _("File")),
        (("results", EACH, "score"), _("Score")),
        (("results", EACH, "text"), _("Text")),
    ],
    "code_interpreter_call": [
        (("code",), _("Code")),
        (("outputs", EACH, "logs"), _("Output")),
        (("outputs", EACH, "url"), _("Picture")),
        (("container_id",), _("Container")),
    ],
    "image_generation_call": [
        (("revised_prompt",), _("Prompt")),
        (("size",), _("Size")),
        (("result",), _("Picture")),
        (("error", "message"), _("Error")),
    ],
    "mcp_list_tools": [
        (("server_label",), _("Server")),
        (("tools", EACH, "name"), _("Tool")),
        (("tools", EACH, "description"), _("Description")),
        (("error",), _("Error")),
    ],
    "mcp_call": [
        *CALLED,
        (("output",), _("Output")),
        (("error",), _("Error")),
        (("error", "message"), _("Error")),
    ],
    "mcp_approval_request": CALLED,
    "custom_tool_call": [(("name",), _("Tool")), (("input",), _("Input"))],
    "local_shell_call": [(("action", "command", EACH), _("Command"))],
    "shell_call": [(("action", "commands", EACH), _("Command"))],
    "shell_call_output": [
        (("output", EACH, "stdout"), _("Output")),
        (("output", EACH, "stderr"), _("Errors")),
    ],
    "local_shell_call_output": [(("output",), _("Output"))],
    "apply_patch_call": [(("operation", "path"), _("File")), (("operation", "diff"), _("Change"))],
}


@dataclass(frozen=True)
class Line:
    path: Path
    label: str
    text: str
    code: bool = False


def told(item: Json) -> list[Line]:
    """In the order of the table; what belongs to one result stands together."""
    fields = FIELDS.get(str(item.get("type")), [])
    lines = [line for path, label in fields for line in _lines(item, path, str(label))]
    order = [path[0] for path, _label in fields]
    return sorted(lines, key=lambda line: (order.index(str(line.path[0])), _number(line.path)))


def cited(item: Json) -> list[Line]:
    """What a message rests on, each source once."""
    found = {_source(note): path for path, note in _notes(item)}
    return [Line(path, str(_("Source")), source) for source, path in found.items() if source]


def _lines(value: Any, ahead: tuple[str, ...], label: str, path: Path = ()) -> Iterator[Line]:
    if not ahead:
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            yield Line(path, label, str(value), code=_name(path) in CODE)
        return
    step, *rest = ahead
    if step == EACH:
        for at, each in enumerate(value if isinstance(value, list) else []):
            yield from _lines(each, tuple(rest), label, (*path, at))
    elif isinstance(value, dict):
        yield from _lines(value.get(step), tuple(rest), label, (*path, step))


def _name(path: Path) -> str:
    return next(step for step in reversed(path) if isinstance(step, str))


def _number(path: Path) -> int:
    return next((step for step in path if isinstance(step, int)), -1)


def _notes(item: Json) -> Iterator[tuple[Path, Json]]:
    content = item.get("content")
    for at, part in enumerate(content if isinstance(content, list) else []):
        notes = part.get("annotations") if isinstance(part, dict) else None
        for number, note in enumerate(notes if isinstance(notes, list) else []):
            if isinstance(note, dict):
                yield ("content", at, "annotations", number), note


def _source(note: Json) -> str:
    texts = [note.get(name) for name in ("title", "filename", "url", "file_id")]
    return ", ".join(dict.fromkeys(text for text in texts if isinstance(text, str) and text))

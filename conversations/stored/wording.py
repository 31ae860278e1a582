"""The words of an item, for the search: what people wrote, models answered and tools were told and said.

Taken from where words stand in items of every kind, also of kinds that come later. Left out are pictures and
files (but for their names), ids, states, encrypted reasoning and the tools that a server offers.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from conversations.stored.items import Payload

WORDS = {
    *("content", "text", "refusal", "reason", "message", "error"),
    *("name", "server_label", "arguments", "input", "output"),
    *("code", "logs", "command", "commands", "stdout", "stderr", "diff", "path"),
    *("query", "queries", "filename", "file_url", "url", "title", "revised_prompt"),
}
# Written as JSON by models, with words escaped in it.
WRITTEN_AS_JSON = {"arguments", "output"}
LEFT_OUT = {"tools"}
# What a picture or a file is sent as.
DATA = "data:"


def words_of(item: Payload) -> list[str]:
    """The texts of an item, in an order that doesn't depend on how a database keeps JSON."""
    spelt = (_spelt_out(text) if key in WRITTEN_AS_JSON else text for key, text in _texts(item))
    return [text for text in spelt if text and not text.startswith(DATA)]


def _texts(item: Payload) -> Iterator[tuple[str, str]]:
    """Lists speak for what they hold, objects name their own. Models may nest deeper than Python recurses."""
    ahead: list[tuple[str, Any]] = [("", item)]
    while ahead:
        key, value = ahead.pop()
        if isinstance(value, dict):
            ahead += [(name, value[name]) for name in sorted(value.keys() - LEFT_OUT, reverse=True)]
        elif isinstance(value, list):
            ahead += [(key, each) for each in reversed(value)]
        elif isinstance(value, str) and key in WORDS:
            yield key, value


def _spelt_out(text: str) -> str:
    """JSON without its escapes, names and all; any other text as it is."""
    try:
        return "\n".join(_leaves(orjson.loads(text)))
    except orjson.JSONDecodeError:
        return text


def _leaves(written: Any) -> Iterator[str]:
    ahead = [written]
    while ahead:
        value = ahead.pop()
        if isinstance(value, dict):
            ahead += [part for pair in reversed(value.items()) for part in reversed(pair)]
        elif isinstance(value, list):
            ahead += reversed(value)
        elif value is not None:
            yield str(value)

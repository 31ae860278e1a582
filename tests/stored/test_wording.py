"""What a search finds in items of every kind, and what it leaves alone."""

from typing import Any

import orjson
import pytest

from conversations.models import Conversation, User
from conversations.models.people import Role
from conversations.models.responses import Direction
from conversations.stored import items, searching
from conversations.stored.selection import Selection
from conversations.stored.wording import words_of
from tests.stored.rows import add_response

PICTURE = "data:image/png;base64,walnut"
DEEP = "[" * 1000 + '"walnut"' + "]" * 1000

HOLDING: dict[str, Any] = {
    "a message": {"type": "message", "content": [{"type": "input_text", "text": "walnut"}]},
    "a plain message": {"role": "user", "content": "walnut"},
    "a refusal": {"type": "message", "content": [{"type": "refusal", "refusal": "walnut"}]},
    "a page that is cited": {
        "type": "message",
        "content": [
            {
                "type": "output_text",
                "text": "See",
                "annotations": [{"type": "url_citation", "url": "https://walnut.example/", "title": "Nuts"}],
            }
        ],
    },
    "the name of a file": {
        "type": "message",
        "content": [{"type": "input_file", "filename": "walnut.pdf", "file_data": "data:application/pdf,x"}],
    },
    "a summary of reasoning": {
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "walnut"}],
        "encrypted_content": "hazel",
    },
    "arguments": {"type": "function_call", "name": "buy", "arguments": '{"what": "\\u0077alnut\\nhere"}'},
    "arguments that were cut": {"type": "function_call", "name": "buy", "arguments": '{"what": "walnut'},
    "arguments of any depth": {"type": "function_call", "name": "buy", "arguments": DEEP},
    "the name of a function": {"type": "function_call", "name": "walnut", "arguments": "{}"},
    "the output of a function": {"type": "function_call_output", "output": '{"found": ["walnut", 2]}'},
    "parts of an output": {
        "type": "function_call_output",
        "output": [{"type": "input_text", "text": "walnut"}, {"type": "input_image", "image_url": PICTURE}],
    },
    "a tool with its own input": {"type": "custom_tool_call", "name": "sql", "input": "SELECT walnut"},
    "a call over MCP": {"type": "mcp_call", "name": "find", "arguments": "{}", "output": "walnut"},
    "a call over MCP that failed": {"type": "mcp_call", "error": {"message": "no walnut"}, "output": None},
    "a reason to refuse": {"type": "mcp_approval_response", "approve": False, "reason": "walnut"},
    "code": {"type": "code_interpreter_call", "code": "walnut = 2", "outputs": []},
    "what code printed": {"type": "code_interpreter_call", "outputs": [{"type": "logs", "logs": "walnut"}]},
    "a query": {"type": "web_search_call", "action": {"type": "search", "query": "walnut"}},
    "found in files": {
        "type": "file_search_call",
        "queries": ["nuts"],
        "results": [{"filename": "nuts.txt", "text": "walnut"}],
    },
    "a command": {"type": "shell_call", "action": {"commands": ["ls walnut"]}},
    "what a command printed": {"type": "shell_call_output", "output": [{"stdout": "walnut", "stderr": ""}]},
    "typed into a page": {"type": "computer_call", "actions": [{"type": "type", "text": "walnut"}]},
    "what a picture was asked to be": {"type": "image_generation_call", "revised_prompt": "a walnut"},
    "a kind to come": {"type": "telepathy_call", "steps": [{"deeper": {"text": "walnut"}}]},
}
WITHOUT: dict[str, Any] = {
    "a picture": {"content": [{"type": "input_image", "image_url": PICTURE}]},
    "a picture that code drew": {"type": "code_interpreter_call", "outputs": [{"url": PICTURE}]},
    "a screenshot": {"type": "computer_call_output", "output": {"image_url": PICTURE}},
    "a drawing": {"type": "image_generation_call", "result": "walnut"},
    "the content of a file": {"content": [{"type": "input_file", "file_data": "data:text/plain,walnut"}]},
    "encrypted reasoning": {"type": "reasoning", "encrypted_content": "walnut", "summary": []},
    "ids": {"type": "function_call", "id": "walnut", "call_id": "walnut", "status": "walnut"},
    "tools that are offered": {"type": "mcp_list_tools", "tools": [{"name": "walnut"}]},
}


@pytest.mark.parametrize("kind", HOLDING)
def test_words_are_taken_from(kind: str) -> None:
    assert "walnut" in " ".join(words_of(HOLDING[kind]))


@pytest.mark.parametrize("kind", WITHOUT)
def test_nothing_is_taken_from(kind: str) -> None:
    assert "walnut" not in " ".join(words_of(WITHOUT[kind]))


def test_the_order_of_keys_does_not_matter() -> None:
    item = HOLDING["a page that is cited"]
    assert words_of(dict(reversed(item.items()))) == words_of(item)
    assert words_of(orjson.loads(orjson.dumps(item, option=orjson.OPT_SORT_KEYS))) == words_of(item)


def test_escapes_are_no_part_of_words() -> None:
    assert words_of(HOLDING["arguments"]) == ["what\nwalnut\nhere", "buy"]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [kind for kind in HOLDING if kind != "arguments of any depth"])
def test_an_auditor_finds(kind: str, conversation: Conversation) -> None:
    audrey = User.objects.create_user("audrey", role=Role.AUDITOR)
    rows = [add_response(conversation) for _ in range(2)]
    items.add(rows[0], Direction.OUTPUT, [HOLDING[kind]])
    searching.index_all(rows)
    assert searching.hits(audrey, Selection(), "walnut").rows == [rows[0]]

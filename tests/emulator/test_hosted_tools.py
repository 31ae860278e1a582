"""The tools that run upstream, as the SDK's own types read them."""

import base64
from typing import Any, get_args

import pytest
from openai.types.responses import ResponseStreamEvent

from conversations.emulator.hosted.mcp import answered
from tests.emulator.running import Running, kinds, text_of

Json = dict[str, Any]
WEB: Json = {"type": "web_search"}
FILES: Json = {"type": "file_search", "vector_store_ids": ["vs_1"]}
CODE: Json = {"type": "code_interpreter", "container": {"type": "auto"}}
DRAW: Json = {"type": "image_generation", "partial_images": 2}
MCP: Json = {
    "type": "mcp",
    "server_label": "docs",
    "server_url": "https://mcp.example.com/secret-path",
    "headers": {"X-Key": "secret-header"},
    "authorization": "secret-token",
}
ALL = ["web_search_call.action.sources", "file_search_call.results", "code_interpreter_call.outputs"]

EVENTS = {
    get_args(kind.model_fields["type"].annotation)[0]: kind
    for kind in get_args(get_args(ResponseStreamEvent)[0])
}


def streamed(emulator: Running, question: str, *tools: Json, **request: Any) -> tuple[list[Json], Json]:
    seen = emulator.stream(input=question, tools=list(tools), **request)
    for event in seen:
        # Azure's responses lack counts that the SDK's type has.
        assert "response" in event or EVENTS[event["type"]].model_validate(event)
    return seen, seen[-1]["response"]


@pytest.mark.parametrize(
    ("question", "tool", "progress"),
    [
        ("What is the latest news?", WEB, ["in_progress", "searching", "completed"]),
        ("What do our files say?", FILES, ["in_progress", "searching", "completed"]),
        (
            "Calculate some squares",
            CODE,
            ["in_progress", "_code.delta", "_code.done", "interpreting", "completed"],
        ),
        ("Draw a lighthouse", DRAW, ["in_progress", "generating", "partial_image", "completed"]),
    ],
)
def test_a_tool_works_before_the_answer(
    emulator: Running, question: str, tool: Json, progress: list[str]
) -> None:
    seen, response = streamed(emulator, question, tool, include=ALL)
    call = f"{tool['type']}_call"
    steps = [kind.removeprefix(call).lstrip(".") for kind in kinds(seen) if kind.startswith(call)]
    assert steps[: len(progress)] == progress
    assert {item["type"] for item in response["output"]} == {call, "message"}
    done = [event["item"] for event in seen if event["type"] == "response.output_item.done"]
    assert done == response["output"]


def test_citations_cover_what_they_are_about(emulator: Running) -> None:
    _seen, response = streamed(emulator, "Search the web and our files, then run it", WEB, FILES, CODE)
    (part,) = response["output"][-1]["content"]
    notes = part["annotations"]
    assert [note["type"] for note in notes] == [
        *["url_citation"] * 2,
        *["file_citation"] * 2,
        "container_file_citation",
    ]
    covered = [part["text"][note["start_index"] : note["end_index"]] for note in notes if "end_index" in note]
    assert all(text.startswith(("([", "[")) and text.endswith(")") for text in covered)


def test_results_come_only_where_they_are_included(emulator: Running) -> None:
    _seen, response = streamed(emulator, "Run the files", FILES, CODE)
    assert [item.get("results", item.get("outputs")) for item in response["output"][:2]] == [None, None]


def test_a_picture_is_one(emulator: Running) -> None:
    _seen, response = streamed(emulator, "Draw a lighthouse", DRAW)
    assert base64.b64decode(response["output"][0]["result"]).startswith(b"\x89PNG")


def test_an_mcp_call_waits_for_an_approval_and_is_made_after_it(emulator: Running) -> None:
    seen, first = streamed(emulator, "Ask docs about deletion", MCP)
    assert [item["type"] for item in first["output"]] == ["mcp_list_tools", "mcp_approval_request"]
    assert "mcp_list_tools.completed" in kinds(seen)
    asked = first["output"][1]
    answer = {"type": "mcp_approval_response", "approval_request_id": asked["id"], "approve": True}
    request: Json = {"previous_response_id": first["id"], "input": [answer]}
    seen = emulator.stream(tools=[MCP], **request)
    second = seen[-1]["response"]
    assert [item["type"] for item in second["output"]] == ["mcp_call", "message"]
    assert second["output"][0]["arguments"] == asked["arguments"]
    assert second["output"][0]["approval_request_id"] == asked["id"]
    assert "mcp_call_arguments.delta" in kinds(seen)
    request["input"] = [{**answer, "approve": False}]
    refused = emulator.create(tools=[MCP], **request)
    assert [item["type"] for item in refused["output"]] == ["message"]
    assert text_of(refused).startswith("You declined the call")


def test_outputs_of_functions_may_come_with_an_approval() -> None:
    approval, output = {"type": "mcp_approval_response"}, {"type": "function_call_output"}
    assert answered([approval, output]) == answered([output, approval]) == approval
    assert answered([approval, {"type": "message"}, output]) is None


def test_an_mcp_call_that_needs_no_approval_is_made_at_once(emulator: Running) -> None:
    _seen, response = streamed(emulator, "Ask docs about it", {**MCP, "require_approval": "never"})
    assert [item["type"] for item in response["output"]] == ["mcp_list_tools", "mcp_call", "message"]


def test_an_mcp_server_that_is_away_fails_to_list_its_tools(emulator: Running) -> None:
    away = {**MCP, "server_url": "https://unreachable.example.com/"}
    seen, response = streamed(emulator, "Ask docs about it", away)
    assert "mcp_list_tools.failed" in kinds(seen)
    assert "refused" in response["output"][0]["error"]


def test_secrets_of_an_mcp_server_are_not_repeated(emulator: Running) -> None:
    _seen, response = streamed(emulator, "Ask docs about it", MCP)
    assert "secret" not in str(response)
    assert response["tools"][0]["headers"] == {"X-Key": "<redacted>"}


@pytest.mark.parametrize(
    ("model", "tool", "param", "told"),
    [
        ("gpt-5.1", {"type": "telepathy"}, "tools[0].type", "Invalid value: 'telepathy'."),
        ("gpt-5.1", {"type": "file_search"}, "tools[0].vector_store_ids", "Missing required parameter"),
        ("gpt-5.1", {"type": "mcp", "server_label": "docs"}, "tools[0].server_url", "Missing required"),
        ("tiny-context", WEB, "tools", "Hosted tool 'web_search' is not supported with tiny-context"),
    ],
)
def test_a_tool_that_cannot_be_is_refused(
    emulator: Running, model: str, tool: Json, param: str, told: str
) -> None:
    error = emulator.post(model, tools=[tool]).json()["error"]
    assert error["param"] == param
    assert error["message"].startswith(told)


def test_the_dated_previews_have_no_web_search(emulator: Running) -> None:
    with emulator.dated() as client, pytest.raises(Exception, match="'web_search' is not supported"):
        client.responses.create(model="gpt-5.1", input="Search the web", tools=[{"type": "web_search"}])


def test_encrypted_reasoning_comes_where_it_is_included(emulator: Running) -> None:
    request: Json = {"model": "gpt-5", "input": "Why?", "store": False}
    plain = emulator.create(**request)["output"][0]
    sealed = emulator.create(**request, include=["reasoning.encrypted_content"])["output"][0]
    assert "encrypted_content" not in plain
    assert sealed["encrypted_content"].startswith("gAAAAA")

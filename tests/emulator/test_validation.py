"""What a create request may not hold, and how it is refused."""

from typing import Any

import pytest

from conversations.emulator import validation
from conversations.emulator.errors import ApiError
from tests.emulator.running import Running

GOOD: dict[str, Any] = {"model": "gpt-5.1", "input": "Hi"}


def refused(request: Any) -> dict[str, Any]:
    with pytest.raises(ApiError) as caught:
        validation.check(request)
    assert caught.value.status == 400
    error: dict[str, Any] = caught.value.body["error"]
    assert error["type"] == "invalid_request_error"
    return error


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"colour": "red"}, "unknown_parameter", "colour"),
        ({"model": None}, "missing_required_parameter", "model"),
        ({"input": None}, "missing_required_parameter", "input"),
        ({"input": 7}, "invalid_type", "input"),
        ({"stream": "yes"}, "invalid_type", "stream"),
        ({"max_output_tokens": 1.5}, "invalid_type", "max_output_tokens"),
        ({"max_output_tokens": True}, "invalid_type", "max_output_tokens"),
        ({"max_output_tokens": 1}, "integer_below_min_value", "max_output_tokens"),
        ({"temperature": 3}, "decimal_above_max_value", "temperature"),
        ({"truncation": "some"}, "invalid_value", "truncation"),
        ({"metadata": {str(n): "" for n in range(17)}}, "object_above_max_properties", "metadata"),
        ({"metadata": {"k" * 65: "v"}}, "string_above_max_length", "metadata"),
        ({"metadata": {"k": "v" * 513}}, "string_above_max_length", "metadata.k"),
        ({"metadata": {"k": 1}}, "invalid_type", "metadata.k"),
        ({"input": ["Hi"]}, "invalid_type", "input[0]"),
        ({"input": [{"role": "robot", "content": "Hi"}]}, "invalid_value", "input[0].role"),
        ({"input": [{"role": "user"}]}, "invalid_type", "input[0].content"),
        (
            {"input": [{"role": "user", "content": [{"type": "output_text", "text": "Hi"}]}]},
            "invalid_value",
            "input[0].content[0].type",
        ),
        ({"background": True, "store": False}, None, "background"),
        ({"stream_options": {"include_obfuscation": False}}, None, "stream_options"),
        ({"previous_response_id": "resp_1", "conversation": "conv_1"}, "mutually_exclusive_parameters", None),
    ],
)
def test_a_request_is_refused_with_code_and_parameter(
    change: dict[str, Any], code: str | None, param: str | None
) -> None:
    error = refused(GOOD | change)
    assert error["code"] == code
    assert param in (None, error["param"])


def test_limits_themselves_are_within() -> None:
    metadata = {f"{n:064}": "v" * 512 for n in range(16)}
    assert validation.check(GOOD | {"metadata": metadata, "max_output_tokens": 16, "temperature": 2})


def test_wrong_types_are_named_with_their_articles() -> None:
    assert refused(GOOD | {"input": 7})["message"] == (
        "Invalid type for 'input': expected a string or an array, but got an integer instead."
    )


@pytest.mark.parametrize("body", [b"", b"{", b'"text"', b"[]", b"null", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(emulator: Running, body: bytes) -> None:
    assert emulator.http.post("/openai/v1/responses", content=body).status_code == 400


@pytest.mark.parametrize("conversation", ["conv_1", {"id": "conv_1"}])
def test_there_are_no_conversation_objects(emulator: Running, conversation: Any) -> None:
    answer = emulator.post(conversation=conversation)
    message = answer.json()["error"]["message"]
    assert (answer.status_code, message) == (404, "Conversation with id 'conv_1' not found.")


@pytest.mark.parametrize("name", ["temperature", "top_p"])
def test_reasoning_models_take_no_sampling_parameters(emulator: Running, name: str) -> None:
    answer = emulator.post("gpt-5", **{name: 0.5})
    assert answer.json()["error"]["message"] == (
        f"Unsupported parameter: '{name}' is not supported with this model."
    )
    assert emulator.create("gpt-4.1", **{name: 0.5})[name] == 0.5


@pytest.mark.parametrize(
    ("model", "effort", "status"), [("gpt-5", "none", 400), ("gpt-5.1", "none", 200), ("gpt-4.1", "low", 400)]
)
def test_each_model_has_its_own_efforts(emulator: Running, model: str, effort: str, status: int) -> None:
    assert emulator.post(model, reasoning={"effort": effort}).status_code == status


CALL = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "seen"}


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([OUTPUT], "No tool call found for function call output with call_id call_1."),
        ([CALL], "No tool output found for function call call_1."),
    ],
)
def test_calls_and_their_outputs_come_in_pairs(
    emulator: Running, items: list[dict[str, Any]], message: str
) -> None:
    answer = emulator.post(input=[*items, {"role": "user", "content": "Go on"}])
    assert answer.json()["error"] == {
        "message": message,
        "type": "invalid_request_error",
        "param": "input",
        "code": None,
    }
    assert emulator.create(input=[CALL, OUTPUT, {"role": "user", "content": "Go on"}])

"""Functions that the model calls, as the SDK's own types read them, and what it makes of their outputs."""

import json
from typing import Any

import pytest
from openai.types.responses import ResponseFunctionToolCall

from tests.emulator.running import Running, kinds, text_of

Json = dict[str, Any]


def tool(name: str, **properties: str) -> Json:
    schema = {key: {"type": kind} for key, kind in properties.items()}
    parameters = {
        "type": "object",
        "properties": schema,
        "required": list(schema),
        "additionalProperties": False,
    }
    return {"type": "function", "name": name, "parameters": parameters, "strict": True}


WEATHER = tool("get_weather", location="string")
CALCULATE = tool("calculate", expression="string")
BOTH = "Calculate 6 * 7, and what is the weather in Paris and Rome?"


def asked(emulator: Running, question: str, *tools: Json, **request: Any) -> Json:
    seen = emulator.stream(input=question, tools=list(tools), **request)
    response: Json = seen[-1]["response"]
    return response


def refused(emulator: Running, **request: Any) -> Json:
    answer = emulator.post(**request)
    assert answer.status_code == 400
    error: Json = answer.json()["error"]
    return error


def calls_of(response: Json) -> list[tuple[str, Json]]:
    return [(item["name"], json.loads(item["arguments"])) for item in response["output"]]


def outputs_for(response: Json, *outputs: str) -> list[Json]:
    return [
        {"type": "function_call_output", "call_id": item["call_id"], "output": output}
        for item, output in zip(response["output"], outputs, strict=True)
    ]


def test_arguments_are_streamed_into_the_call(emulator: Running) -> None:
    seen = emulator.stream(input="What's the weather in Paris?", tools=[WEATHER])
    item = seen[-1]["response"]["output"][0]
    assert ResponseFunctionToolCall.model_validate(item).status == "completed"
    place = kinds(seen).index("output_item.added")
    assert kinds(seen)[place + 1] == "function_call_arguments.delta"
    assert kinds(seen)[-3:] == ["function_call_arguments.done", "output_item.done", "completed"]
    streamed = "".join(each["delta"] for each in seen if each["type"].endswith("arguments.delta"))
    assert streamed == item["arguments"] == '{"location": "Paris"}'


def test_several_are_called_at_once(emulator: Running) -> None:
    assert calls_of(asked(emulator, BOTH, WEATHER, CALCULATE)) == [
        ("get_weather", {"location": "Paris"}),
        ("get_weather", {"location": "Rome"}),
        ("calculate", {"expression": "6 * 7"}),
    ]


def test_one_after_the_other_where_that_is_asked_for(emulator: Running) -> None:
    tools = [WEATHER, CALCULATE]
    first = asked(emulator, "Calculate 1 + 2 and the weather in Rome", *tools, parallel_tool_calls=False)
    assert [name for name, _ in calls_of(first)] == ["get_weather"]
    second = emulator.create(
        input=outputs_for(first, "sunny"),
        tools=tools,
        parallel_tool_calls=False,
        previous_response_id=first["id"],
    )
    assert [name for name, _ in calls_of(second)] == ["calculate"]


def test_it_answers_from_the_outputs(emulator: Running) -> None:
    first = asked(emulator, "Calculate 6 * 7, and the weather in Rome", WEATHER, CALCULATE)
    outputs = outputs_for(first, '{"sky": "sunny", "note": "hidden"}', '{"error": "no electricity"}')
    second = emulator.create(input=outputs, tools=[WEATHER, CALCULATE], previous_response_id=first["id"])
    said = text_of(second)
    assert "`get_weather` says: sky sunny" in said
    assert "`calculate` could not tell me: no electricity" in said
    assert "hidden" not in said


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "calculate"}])
def test_it_calls_what_it_has_to(emulator: Running, choice: Any) -> None:
    assert [name for name, _ in calls_of(asked(emulator, "Hello", CALCULATE, tool_choice=choice))] == [
        "calculate"
    ]


def test_it_calls_nothing_that_it_may_not(emulator: Running) -> None:
    response = asked(emulator, BOTH, WEATHER, CALCULATE, tool_choice="none")
    assert {item["type"] for item in response["output"]} == {"message"}


def test_it_does_what_tools_are_tried_with(emulator: Running) -> None:
    assert calls_of(asked(emulator, "Call an unknown tool", WEATHER)) == [("no_such_tool", {})]
    wrong = asked(emulator, "Calculate with wrong arguments", CALCULATE)
    assert calls_of(wrong) == [("calculate", {"nonsense": True})]
    for_ever = asked(emulator, "Calculate 1 + 1 for ever", CALCULATE)
    again = emulator.create(
        input=outputs_for(for_ever, "2"), tools=[CALCULATE], previous_response_id=for_ever["id"]
    )
    assert [name for name, _ in calls_of(again)] == ["calculate"]


def test_outputs_that_dont_match_the_open_calls_are_refused(emulator: Running) -> None:
    first = asked(emulator, "The weather in Paris and Rome?", WEATHER)
    one, other = outputs_for(first, "sunny", "rain")
    told = {"tools": [WEATHER], "previous_response_id": first["id"]}
    error = refused(emulator, input=[one], **told)
    assert error["message"] == f"No tool output found for function call {other['call_id']}."
    foreign = {**other, "call_id": "call_nowhere"}
    error = refused(emulator, input=[one, other, foreign], **told)
    assert error["message"] == "No tool call found for function call output with call_id call_nowhere."


def test_a_strict_schema_that_isnt_is_refused(emulator: Running) -> None:
    loose = {**WEATHER, "parameters": {**WEATHER["parameters"], "additionalProperties": True}}
    error = refused(emulator, input="Hello", tools=[loose])
    assert (error["code"], error["param"]) == ("invalid_function_parameters", "tools[0].parameters")
    lacking = {**WEATHER, "parameters": {**WEATHER["parameters"], "required": []}}
    assert "Missing 'location'" in refused(emulator, input="Hello", tools=[lacking])["message"]

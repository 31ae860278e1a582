"""Structured output: answers that fit a schema, and the refusals of schemas."""

import json
from typing import Any

import jsonschema
import pytest

from tests.emulator.running import Running, text_of

Json = dict[str, Any]
LINE: Json = {
    "type": "object",
    "properties": {"what": {"type": "string"}, "next": {"$ref": "#/$defs/line"}},
    "required": ["what", "next"],
    "additionalProperties": False,
}
SCHEMA: Json = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "paid": {"type": "boolean"},
        "kind": {"enum": ["bill", "offer"]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
    },
    "required": ["total", "paid", "kind", "lines"],
    "additionalProperties": False,
    "$defs": {"line": {"anyOf": [LINE, {"type": "null"}]}},
}


def asked(schema: Json = SCHEMA, model: str = "gpt-5.1", **fields: Any) -> Json:
    wanted = {"type": "json_schema", "name": "bill", "schema": schema, "strict": True}
    return {"model": model, "input": "What do I owe?", "text": {"format": wanted}, **fields}


def test_an_answer_fits_the_schema(emulator: Running) -> None:
    response = emulator.create(**asked())
    jsonschema.validate(json.loads(text_of(response)), SCHEMA)
    assert response["text"]["format"]["name"] == "bill"


def test_it_can_be_made_not_to_fit_to_be_cut_and_to_be_refused(emulator: Running) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(text_of(emulator.create(**asked(model="gpt-5.1+misfit")))), SCHEMA)
    cut = emulator.create(**asked(max_output_tokens=16))
    assert cut["status"] == "incomplete"
    with pytest.raises(json.JSONDecodeError):
        json.loads(text_of(cut))
    refused = emulator.create(**asked(model="gpt-5.1+refusal"))
    assert refused["output"][-1]["content"][0]["type"] == "refusal"


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "array"}, "schema must be a JSON Schema of 'type"),
        ({"type": "object", "properties": {}}, "In context=(), 'additionalProperties' is required"),
        (
            {**SCHEMA, "required": ["total"]},
            "an array including every key in properties. Missing 'paid'.",
        ),
    ],
)
def test_a_schema_outside_of_the_strict_form_is_refused(emulator: Running, schema: Json, said: str) -> None:
    answer = emulator.http.post("/openai/v1/responses", json=asked(schema))
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (
        *(400, "text.format.schema"),
        "invalid_json_schema",
    )
    assert said in error["message"]

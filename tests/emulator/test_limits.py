"""What models and API versions refuse that others take."""

from typing import Any

import pytest

from conversations.emulator import limits, validation
from conversations.emulator.deployments import DEPLOYMENTS
from conversations.emulator.errors import ApiError

SEALED = {"include": ["reasoning.encrypted_content"]}
PICTURE = [{"role": "user", "content": [{"type": "input_image", "image_url": "data:,"}]}]
SCHEMA = {"text": {"format": {"type": "json_schema", "name": "a", "schema": {}}}}


def refusal(model: str, change: dict[str, Any], *, dated: bool = False) -> dict[str, Any] | None:
    request = validation.check({"model": model, "input": "Hi"} | change)
    try:
        limits.check(request, DEPLOYMENTS[model], dated=dated)
    except ApiError as error:
        found: dict[str, Any] = error.body["error"]
        return found
    return None


@pytest.mark.parametrize(
    ("model", "change", "param"),
    [
        ("gpt-5-pro", {"stream": True}, "stream"),
        ("o4-mini", {"parallel_tool_calls": False}, "parallel_tool_calls"),
        ("gpt-4.1", {"text": {"verbosity": "low"}}, "text.verbosity"),
        ("gpt-4.1", SEALED, "include"),
        ("tiny-context", SCHEMA, "text.format"),
        ("tiny-context", {"input": PICTURE}, "input"),
    ],
)
def test_a_model_names_what_it_refuses_and_another_takes_it(
    model: str, change: dict[str, Any], param: str
) -> None:
    found = refusal(model, change)
    assert found is not None
    assert found["param"] == param
    assert refusal("gpt-5.1", change) is None


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"background": True}, "background"),
        ({"safety_identifier": "abc"}, "safety_identifier"),
        ({"prompt_cache_key": "abc"}, "prompt_cache_key"),
        (SEALED, "include[0]"),
    ],
)
def test_dated_previews_dont_know_what_came_later(change: dict[str, Any], param: str) -> None:
    found = refusal("gpt-5.1", change, dated=True)
    assert found is not None
    assert found["param"] == param
    assert refusal("gpt-5.1", change) is None

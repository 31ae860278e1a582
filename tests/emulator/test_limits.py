"""What models and API versions refuse that others take."""

from typing import Any

import pytest

from conversations.emulator import limits, validation
from conversations.emulator.deployments import DEPLOYMENTS
from conversations.emulator.errors import ApiError

SEALED = {"include": ["reasoning.encrypted_content"]}
PICTURE = [{"role": "user", "content": [{"type": "input_image", "image_url": "data:,"}]}]
SCHEMA = {"text": {"format": {"type": "json_schema", "name": "a", "schema": {}}}}


def refusal(model: str, change: dict[str, Any], *, version: str = "") -> dict[str, Any] | None:
    request = validation.check({"model": model, "input": "Hi"} | change)
    try:
        limits.check(request, DEPLOYMENTS[model], version=version)
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
    found = refusal("gpt-5.1", change, version="2025-04-01-preview")
    assert found is not None
    assert found["param"] == param
    assert refusal("gpt-5.1", change) is None


def test_the_first_preview_calls_summaries_by_another_name() -> None:
    new, old = ({"reasoning": {name: "auto"}} for name in ("summary", "generate_summary"))
    found = refusal("gpt-5.1", new, version="2025-03-01-preview")
    assert found is not None
    assert found["param"] == "reasoning.summary"
    for version in ("2025-03-01-preview", "2025-04-01-preview", ""):
        assert refusal("gpt-5.1", old, version=version) is None
    assert refusal("gpt-5.1", new, version="2025-04-01-preview") is None

"""What some models and the dated previews refuse that others take, word for word where it is known."""

from typing import Any

from conversations.emulator.deployments import Deployment
from conversations.emulator.errors import ApiError, invalid
from conversations.emulator.validation import unsupported, wrong_value

Json = dict[str, Any]

SEALED = "reasoning.encrypted_content"
# Parameters that came after the dated previews.
NEW_IN_V1 = ("background", "prompt_cache_key", "safety_identifier")
INCLUDES = ("file_search_call.results", "message.input_image.image_url")


# There summaries of reasoning were called generate_summary, which the later ones still take.
FIRST_PREVIEW = "2025-03-01-preview"


def check(request: Json, deployment: Deployment, *, version: str = "") -> None:
    """Raises the first refusal. `version` is the one of a dated route."""
    if version:
        _check_dated(request)
    if version == FIRST_PREVIEW and (request.get("reasoning") or {}).get("summary") is not None:
        raise _unknown("reasoning.summary")
    for name in deployment.refuses:
        CHECKS[name](request)
    if SEALED in (request.get("include") or []) and not deployment.reasons:
        raise invalid("Encrypted content is not supported with this model.", param="include")


def _unknown(name: str) -> ApiError:
    return invalid(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")


def _check_dated(request: Json) -> None:
    for name in NEW_IN_V1:
        if request.get(name) is not None:
            raise _unknown(name)
    if SEALED in (request.get("include") or []):
        raise wrong_value("include[0]", SEALED, INCLUDES)


def _no_stream(request: Json) -> None:
    if request.get("stream"):
        known = "Supported values are: false."
        message = f"Unsupported value: 'stream' does not support true with this model. {known}"
        raise invalid(message, param="stream", code="unsupported_value")


def _no_parallel_calls(request: Json) -> None:
    if request.get("parallel_tool_calls") is not None:
        raise unsupported("parallel_tool_calls")


def _no_verbosity(request: Json) -> None:
    verbosity = (request.get("text") or {}).get("verbosity")
    if verbosity not in (None, "medium"):
        known = "Supported values are: 'medium'."
        message = f"Unsupported value: '{verbosity}' is not supported with this model. {known}"
        raise invalid(message, param="text.verbosity", code="unsupported_value")


def _no_schema(request: Json) -> None:
    kind = ((request.get("text") or {}).get("format") or {}).get("type")
    if kind == "json_schema":
        message = "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model."
        raise invalid(message, param="text.format")


def _no_images(request: Json) -> None:
    given = request.get("input")
    for item in given if isinstance(given, list) else []:
        content = item.get("content")
        parts = content if isinstance(content, list) else []
        if any(part.get("type") == "input_image" for part in parts):
            raise invalid("Invalid input: this model does not support image inputs.", param="input")


CHECKS = {
    "stream": _no_stream,
    "parallel_tool_calls": _no_parallel_calls,
    "verbosity": _no_verbosity,
    "schema": _no_schema,
    "images": _no_images,
}

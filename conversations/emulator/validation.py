"""Whether the service would take a create request; refusals are word for word where they are known."""

from typing import Any

from conversations.emulator.errors import ApiError, invalid

Json = dict[str, Any]

STRING, INTEGER, NUMBER, BOOLEAN, OBJECT, ARRAY = "string", "integer", "number", "boolean", "object", "array"

PARAMETERS: dict[str, tuple[str, ...]] = {
    "background": (BOOLEAN,),
    "background_options": (OBJECT,),
    "context_management": (ARRAY,),
    "conversation": (STRING, OBJECT),
    "include": (ARRAY,),
    "input": (STRING, ARRAY),
    "instructions": (STRING,),
    "max_output_tokens": (INTEGER,),
    "max_tool_calls": (INTEGER,),
    "metadata": (OBJECT,),
    "model": (STRING,),
    "moderation": (OBJECT,),
    "parallel_tool_calls": (BOOLEAN,),
    "previous_response_id": (STRING,),
    "prompt": (OBJECT,),
    "prompt_cache_key": (STRING,),
    "prompt_cache_options": (OBJECT,),
    "prompt_cache_retention": (STRING,),
    "reasoning": (OBJECT,),
    "safety_identifier": (STRING,),
    "service_tier": (STRING,),
    "store": (BOOLEAN,),
    "stream": (BOOLEAN,),
    "stream_options": (OBJECT,),
    "temperature": (NUMBER,),
    "text": (OBJECT,),
    "tool_choice": (STRING, OBJECT),
    "tools": (ARRAY,),
    "top_logprobs": (INTEGER,),
    "top_p": (NUMBER,),
    "truncation": (STRING,),
    "user": (STRING,),
}

ROLES = ("assistant", "system", "developer", "user")
VALUES = {"service_tier": ("auto", "default", "flex", "priority"), "truncation": ("auto", "disabled")}
REASONING_LACKS = ("temperature", "top_p", "top_logprobs")


def check(request: Any) -> Json:
    """The request itself, or the first refusal."""
    if not isinstance(request, dict):
        raise invalid(f"Invalid type for body: expected an object, but got {_named(request)} instead.")
    for name, value in request.items():
        _check_parameter(name, value)
    _check_required(request)
    _check_values(request)
    _check_metadata(request.get("metadata") or {})
    _check_input(request.get("input") or [])
    _check_together(request)
    return request


def _check_parameter(name: str, value: Any) -> None:
    kinds = PARAMETERS.get(name)
    if kinds is None:
        raise invalid(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    if value is not None and not any(_is(value, kind) for kind in kinds):
        raise wrong_type(name, " or ".join(_article(kind) for kind in kinds), value)


def wrong_type(name: str, expected: str, value: Any) -> ApiError:
    message = f"Invalid type for '{name}': expected {expected}, but got {_named(value)} instead."
    return invalid(message, param=name, code="invalid_type")


def _is(value: Any, kind: str) -> bool:
    return kind == _kind(value) or (kind == NUMBER and _kind(value) == INTEGER)


def _kind(value: Any) -> str:
    kinds = {
        bool: BOOLEAN,
        int: INTEGER,
        float: NUMBER,
        str: STRING,
        dict: OBJECT,
        list: ARRAY,
        type(None): "null",
    }
    return kinds[type(value)]


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"


def _named(value: Any) -> str:
    return "null" if value is None else _article(_kind(value))


def _check_required(request: Json) -> None:
    if not request.get("model"):
        message = "Missing required parameter: 'model'."
        raise invalid(message, param="model", code="missing_required_parameter")
    if request.get("input") is None and not request.get("previous_response_id"):
        message = "Missing required parameter: 'input'."
        raise invalid(message, param="input", code="missing_required_parameter")


def _check_values(request: Json) -> None:
    for name, known in VALUES.items():
        if request.get(name) not in (None, *known):
            raise wrong_value(name, request[name], known)
    _check_range(request, "temperature", 0, 2)
    _check_range(request, "top_p", 0, 1)
    _check_range(request, "max_output_tokens", 16, None)


def wrong_value(name: str, value: Any, known: tuple[str, ...]) -> ApiError:
    shown = ", ".join(f"'{each}'" for each in known)
    return invalid(
        f"Invalid value: '{value}'. Supported values are: {shown}.", param=name, code="invalid_value"
    )


def _check_range(request: Json, name: str, least: float, most: float | None) -> None:
    value = request.get(name)
    if value is None:
        return
    kind = "integer" if isinstance(least, int) and most is None else "decimal"
    if value < least:
        raise out_of_range(name, value, kind, "below minimum", f">= {least}")
    if most is not None and value > most:
        raise out_of_range(name, value, kind, "above maximum", f"<= {most}")


def out_of_range(name: str, value: Any, kind: str, bound: str, expected: str) -> ApiError:
    """``bound`` is one of BOUNDS."""
    message = f"Invalid '{name}': {kind} {bound} value. Expected a value {expected}, but got {value} instead."
    return invalid(message, param=name, code=f"{kind}_{BOUNDS[bound]}")


BOUNDS = {"below minimum": "below_min_value", "above maximum": "above_max_value"}


def _check_metadata(metadata: Json) -> None:
    if len(metadata) > 16:
        message = (
            "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got "
            f"an object with {len(metadata)} properties instead."
        )
        raise invalid(message, param="metadata", code="object_above_max_properties")
    for key, value in metadata.items():
        if len(key) > 64:
            raise _too_long("metadata", "property name", 64, len(key))
        if not isinstance(value, str):
            raise wrong_type(f"metadata.{key}", "a string", value)
        if len(value) > 512:
            raise _too_long(f"metadata.{key}", "string", 512, len(value))


def _too_long(param: str, what: str, most: int, length: int) -> ApiError:
    message = (
        f"Invalid '{param}': {what} too long. Expected a string with maximum length {most}, but got a string "
        f"with length {length} instead."
    )
    return invalid(message, param=param, code="string_above_max_length")


def _check_input(given: str | list[Any]) -> None:
    if isinstance(given, list):
        for position, item in enumerate(given):
            _check_item(f"input[{position}]", item)


def _check_item(place: str, item: Any) -> None:
    if not isinstance(item, dict):
        raise wrong_type(place, "an object", item)
    if item.get("type", "message") != "message":
        return
    if item.get("role") not in ROLES:
        raise wrong_value(f"{place}.role", item.get("role"), ROLES)
    content = item.get("content")
    if not isinstance(content, str | list):
        raise wrong_type(f"{place}.content", "a string or an array", content)
    for number, part in enumerate(content if isinstance(content, list) else []):
        _check_part(f"{place}.content[{number}]", part, item["role"])


def _check_part(place: str, part: Any, role: str) -> None:
    if not isinstance(part, dict):
        raise wrong_type(place, "an object", part)
    known = ("output_text", "refusal") if role == "assistant" else ("input_text", "input_image", "input_file")
    if part.get("type") not in known:
        raise wrong_value(f"{place}.type", part.get("type"), known)


def _check_together(request: Json) -> None:
    if request.get("background") and request.get("store") is False:
        raise invalid("Background mode requires 'store' to be true.", param="background")
    if request.get("previous_response_id") and request.get("conversation"):
        message = "Mutually exclusive parameters: 'previous_response_id' and 'conversation'."
        raise invalid(message, param="previous_response_id", code="mutually_exclusive_parameters")
    if request.get("stream_options") and not request.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise invalid(message, param="stream_options")


def check_for_model(request: Json, efforts: tuple[str, ...]) -> None:
    """What this deployment doesn't take; ``efforts`` are its reasoning efforts, none if it doesn't reason."""
    effort = (request.get("reasoning") or {}).get("effort")
    if not efforts:
        if effort is not None:
            raise unsupported("reasoning.effort")
        return
    if effort not in (None, *efforts):
        known = ", ".join(f"'{each}'" for each in efforts)
        message = (
            f"Unsupported value: '{effort}' is not supported with this model. Supported values are: {known}."
        )
        raise invalid(message, param="reasoning.effort", code="unsupported_value")
    for name in REASONING_LACKS:
        if request.get(name) is not None:
            raise unsupported(name)


def unsupported(name: str) -> ApiError:
    return invalid(f"Unsupported parameter: '{name}' is not supported with this model.", param=name)


def check_calls(context: list[Json]) -> None:
    """Every call in the context has its output, and every output its call."""
    for kind in ("function_call", "computer_call"):
        calls = {item["call_id"] for item in context if item["type"] == kind}
        outputs = {item["call_id"] for item in context if item["type"] == f"{kind}_output"}
        named = kind.replace("_", " ")
        for call_id in sorted(outputs - calls):
            raise invalid(f"No tool call found for {named} output with call_id {call_id}.", param="input")
        for call_id in sorted(calls - outputs):
            raise invalid(f"No tool output found for {named} {call_id}.", param="input")

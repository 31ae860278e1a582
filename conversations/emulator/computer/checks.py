"""What the service refuses of computer use, word for word where it is known."""

from typing import Any

from conversations.emulator.deployments import Deployment
from conversations.emulator.errors import ApiError, invalid
from conversations.emulator.validation import wrong_value

Json = dict[str, Any]

ENVIRONMENTS = ("windows", "mac", "linux", "ubuntu", "browser")
SCREENSHOTS = ("computer_screenshot", "input_image")


def check_request(request: Json, deployment: Deployment) -> None:
    """The tool as it is asked for, and whether this model has it."""
    for number, tool in enumerate(request.get("tools") or []):
        if tool["type"] not in ("computer", "computer_use_preview"):
            continue
        if tool["type"] != deployment.computer:
            message = f"Hosted tool '{tool['type']}' is not supported with {deployment.model}."
            raise invalid(message, param="tools")
        if tool["type"] == "computer_use_preview":
            _check_display(f"tools[{number}]", tool)
    if deployment.computer == "computer_use_preview" and request.get("truncation") != "auto":
        message = f"The model {deployment.model} requires 'truncation' to be 'auto'."
        raise invalid(message, param="truncation", code="invalid_value")


def _check_display(place: str, tool: Json) -> None:
    for name in ("display_width", "display_height"):
        if not isinstance(tool.get(name), int) or tool[name] <= 0:
            raise _missing(f"{place}.{name}")
    if tool.get("environment") not in ENVIRONMENTS:
        raise wrong_value(f"{place}.environment", tool.get("environment"), ENVIRONMENTS)


def _missing(param: str) -> ApiError:
    message = f"Missing required parameter: '{param}'."
    return invalid(message, param=param, code="missing_required_parameter")


def check_answers(request: Json, context: list[Json]) -> None:
    """Each answer to a call brings a screenshot, and a person's word where the call needs it."""
    given = request.get("input")
    for number, item in enumerate(given if isinstance(given, list) else []):
        if item.get("type") == "computer_call_output":
            _check_screenshot(f"input[{number}].output", item.get("output"))
    outputs = {item["call_id"]: item for item in context if item["type"] == "computer_call_output"}
    for call in context:
        if call["type"] == "computer_call" and call["call_id"] in outputs:
            _check_acknowledged(call, outputs[call["call_id"]])


def _check_screenshot(place: str, output: Any) -> None:
    if not isinstance(output, dict):
        raise _missing(place)
    if output.get("type") not in SCREENSHOTS:
        raise wrong_value(f"{place}.type", output.get("type"), SCREENSHOTS[:1])
    if not output.get("image_url"):
        raise _missing(f"{place}.image_url")


def _check_acknowledged(call: Json, output: Json) -> None:
    known = {check.get("id") for check in output.get("acknowledged_safety_checks") or []}
    pending = call.get("pending_safety_checks") or []
    missing = [check["id"] for check in pending if check["id"] not in known]
    if missing:
        message = (
            f"Computer call {call['call_id']} has pending safety checks that were not acknowledged: "
            f"{', '.join(missing)}."
        )
        raise invalid(message, param="input")

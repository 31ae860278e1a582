"""Refusals in the shapes that the real services send.

ApiError carries one HTTP answer: raised anywhere below a route, turned into JSON in one place.
"""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def invalid(
    message: str, *, param: str | None = None, code: str | None = None, status: int = 400
) -> ApiError:
    """The shape of OpenAI's own refusals, which Azure passes on."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return ApiError(status, {"error": error})


def gateway(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> ApiError:
    """The shape of refusals that come from Azure's gateway, before any model is reached."""
    return ApiError(status, {"error": {"code": code, "message": message}}, headers)


def wrong_key() -> ApiError:
    return gateway(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid "
        "key for an active subscription and use a correct regional API endpoint for your resource.",
    )


def bad_token() -> ApiError:
    message = (
        "Unauthorized. Access token is missing, invalid, audience is incorrect "
        "(https://cognitiveservices.azure.com), or have expired."
    )
    return ApiError(401, {"statusCode": 401, "message": message})


def incorrect_api_key(key: str) -> ApiError:
    shown = f"{key[:3]}***{key[-2:]}" if len(key) > 12 else "***"
    message = f"Incorrect API key provided: {shown}. You can find your API key in your account's settings."
    return invalid(message, code="invalid_api_key", status=401)


def missing_api_key() -> ApiError:
    message = "You didn't provide an API key. Provide it in an Authorization header using Bearer auth."
    return ApiError(
        401, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
    )


def deployment_not_found() -> ApiError:
    return gateway(
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last "
        "5 minutes, please wait a moment and try again.",
    )


def model_not_found(name: str) -> ApiError:
    return invalid(f"The requested model '{name}' does not exist.", param="model", code="model_not_found")


def resource_not_found() -> ApiError:
    return gateway(404, "404", "Resource not found")


def response_not_found(response_id: str) -> ApiError:
    return invalid(f"Response with id '{response_id}' not found.", status=404)


def previous_response_not_found(response_id: str) -> ApiError:
    message = f"Previous response with id '{response_id}' not found."
    return invalid(message, param="previous_response_id", code="previous_response_not_found")


def api_version_too_old() -> ApiError:
    message = "Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later"
    return gateway(400, "BadRequest", message)


def not_streamable(missing: str) -> ApiError:
    """``missing`` is the parameter that its creation lacked, such as ``background=true``."""
    message = f"This response cannot be streamed because it was not created with {missing}."
    return invalid(message, param="stream")


def too_many_requests(headers: Mapping[str, str]) -> ApiError:
    return gateway(
        429,
        "429",
        "Requests to the Responses operation have exceeded the call rate limit of your current pricing tier. "
        "Please retry later.",
        headers,
    )


def server_error(request_id: str) -> ApiError:
    message = (
        "The server had an error processing your request. Sorry about that! You can retry your request, or "
        f"contact support if the error persists. (Include the request id {request_id} in your message.)"
    )
    error = {"message": message, "type": "server_error", "param": None, "code": "server_error"}
    return ApiError(500, {"error": error})


CONTEXT_TOO_LONG = (
    "Your input exceeds the context window of this model. Please adjust your input and try again."
)


def context_too_long() -> ApiError:
    return invalid(CONTEXT_TOO_LONG, param="input", code="context_length_exceeded")


def prompt_filtered() -> ApiError:
    safe = {"filtered": False, "severity": "safe"}
    result = {
        "hate": safe,
        "self_harm": safe,
        "sexual": safe,
        "violence": {"filtered": True, "severity": "high"},
    }
    error = {
        "message": "The response was filtered due to the prompt triggering the content management policy. "
        "Please modify your prompt and retry.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": result},
    }
    return ApiError(400, {"error": error})

"""Whether a JSON schema can be asked for, told while it is written."""

from django.http import HttpRequest, JsonResponse

from conversations.api.answers import answers_json, body_of
from conversations.chat import schemas


@answers_json("POST")
def check(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"why": schemas.why_not(body_of(request).get("schema"))})

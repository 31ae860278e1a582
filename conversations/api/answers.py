"""JSON in, JSON out, and one shape for everything that is refused."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from conversations.chat.refusals import Refusal

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], JsonResponse]

STATUS_OF = {"not_found": 404, "not_yours": 403, "too_many_uploads": 429, "busy": 503, "not_counted": 502}


def answers_json(*methods: str) -> Callable[[View[P]], View[P]]:
    """For signed-in people; a Refusal becomes `{"error": {"code", "message"}}` with a fitting status."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> JsonResponse:
            if request.method not in methods:
                return refusal("bad_method", _("This address doesn't answer that method."), status=405)
            if not request.user.is_authenticated:
                return refusal(
                    "signed_out", _("You are signed out. Log in again; your text is kept."), status=401
                )
            try:
                return view(request, *args, **kwargs)
            except Refusal as refused:
                return refusal(refused.code, str(refused), status=STATUS_OF.get(refused.code, 400))

        return answer

    return decorate


def refusal(code: str, message: str, *, status: int) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def body_of(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Refusal("bad_json", _("The body is not JSON.")) from error
    if not isinstance(body, dict):
        raise Refusal("bad_json", _("The body must be a JSON object."))
    return body

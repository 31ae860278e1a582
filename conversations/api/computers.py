"""Computer use in a conversation, for those who come to watch it."""

from uuid import UUID

from django.http import HttpRequest, JsonResponse

from conversations.api.answers import answers_json
from conversations.api.conversations import find
from conversations.chat import computer_shapes
from conversations.models import ComputerRun
from conversations.people import rights


@answers_json("GET")
def runs(request: HttpRequest, conversation: UUID) -> JsonResponse:
    """All of them, oldest first."""
    row = find(rights.person_of(request), conversation)
    found = ComputerRun.objects.select_related("stopped_by").filter(conversation=row.pk)
    return JsonResponse({"runs": [computer_shapes.run(each) for each in found]})

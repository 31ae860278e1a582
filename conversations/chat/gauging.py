"""How full a model's context is, counted by upstream. Nothing is created there, and nothing is stored."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from conversations.chat import choices, history, keeping, requests, turns
from conversations.chat.refusals import Refusal
from conversations.models import Response, Turn, User
from conversations.responses_api import ResponsesAPIError
from conversations.stored import references
from conversations.stored.asking import ask
from conversations.stored.capabilities import abilities_of
from conversations.stored.endpoints import address_of

# What the API's count takes of a request.
COUNTED = (
    *("model", "input", "previous_response_id", "instructions", "tools", "tool_choice"),
    *("parallel_tool_calls", "reasoning", "text", "truncation"),
)


def count(user: User, conversation: UUID, tip: UUID) -> int:
    """The tokens of what a next message after this turn would bring of the conversation, without itself."""
    turn = turns.find_turn(user, tip)
    if turn.conversation_id != conversation:
        raise Refusal("not_found", _("There is no such message in this conversation."))
    deployment = turn.conversation.deployment
    why = abilities_of(deployment).why_not("input_tokens_count")
    if why:
        raise Refusal("cannot", why)
    request, address = _request(_next(turn)), address_of(deployment.endpoint)
    try:
        return ask(lambda api: api.count_input_tokens(address, request))
    except ResponsesAPIError as error:
        raise Refusal("not_counted", _("Upstream didn't count: %(why)s") % {"why": error}) from error


def _next(turn: Turn) -> Response:
    """The response that a next message would ask for, which isn't in the ledger. Without MCP servers, whose
    secrets are filled in for an answer only.
    """
    conversation = turn.conversation
    chosen = choices.merged(conversation.choices, {})
    kept = keeping.keeping_of(conversation, chosen)
    before = history.answer_of(turn.pk)
    return Response(
        turn=Turn(conversation=conversation, parent=turn),
        conversation=conversation,
        endpoint=conversation.deployment.endpoint,
        deployment=conversation.deployment,
        keep=kept.keep,
        stored=kept.stored,
        instructions=conversation.instructions,
        tools=[tool for tool in before.tools if tool.get("type") != "mcp"] if before else [],
        parameters=choices.parameters(chosen, conversation.deployment),
    )


def _request(response: Response) -> dict[str, Any]:
    body = requests.body(response, history.gather(response))
    wanted = {name: body[name] for name in COUNTED if name in body}
    whole: dict[str, Any] = references.spelt_out(response, wanted)
    return whole if whole["input"] else {name: value for name, value in whole.items() if name != "input"}

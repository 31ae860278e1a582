"""How a turn is kept upstream, and what the request must carry for that."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from conversations.chat import hosted
from conversations.chat.choices import Choices
from conversations.chat.refusals import Refusal
from conversations.models import Conversation, Deployment, User
from conversations.models.endpoints import EndpointKind, Keep
from conversations.stored.capabilities import abilities_of

ENCRYPTED = "reasoning.encrypted_content"
SALT = "conversations.safety_identifier"
OPENAI = "api.openai.com"


@dataclass(frozen=True)
class Keeping:
    keep: Keep
    background: bool

    @property
    def stored(self) -> bool:
        return self.keep != Keep.NOT_STORED


def keeping_of(conversation: Conversation, chosen: Choices) -> Keeping:
    """A team that stores nothing upstream goes before all choices. What isn't stored needs us to go on."""
    deployment = conversation.deployment
    keep = Keep(chosen.get("keep") or deployment.keep)
    if not conversation.team.store_upstream:
        keep = Keep.NOT_STORED
    wanted = deployment.background if conversation.background is None else conversation.background
    return Keeping(keep, wanted and keep != Keep.NOT_STORED)


def check_background(deployment: Deployment) -> None:
    why = abilities_of(deployment).why_not("background")
    if why:
        told = {"name": "background", "why": why}
        raise Refusal("cannot", _("“%(name)s” can't be chosen here: %(why)s") % told, choice="background")


def extras(deployment: Deployment, keeping: Keeping, person: User, chosen: Choices) -> dict[str, Any]:
    """Parameters that nobody chooses: they follow from who asks, from what is kept and from the tools."""
    fields: dict[str, Any] = {}
    encrypted = [ENCRYPTED] if not keeping.stored and _encrypts(deployment) else []
    if include := [*encrypted, *hosted.includes(chosen, deployment.endpoint.kind)]:
        fields["include"] = include
    if deployment.safety_identifier and _takes_identifiers(deployment):
        fields["safety_identifier"] = identifier_of(person)
    return fields


def identifier_of(person: User) -> str:
    """Tells upstream one person's requests from another's and nothing else; only this server can make it."""
    return salted_hmac(SALT, str(person.pk), algorithm="sha256").hexdigest()


def _encrypts(deployment: Deployment) -> bool:
    """Models that don't reason refuse to be asked for it, so the unknown ones aren't asked."""
    abilities = abilities_of(deployment)
    known = abilities.is_known or "encrypted_reasoning" in abilities.proven
    return known and abilities.can("encrypted_reasoning")


def _takes_identifiers(deployment: Deployment) -> bool:
    """Dated previews and compatible servers may not know the parameter."""
    endpoint = deployment.endpoint
    return endpoint.kind == EndpointKind.AZURE_V1 or urlsplit(endpoint.base_url).hostname == OPENAI

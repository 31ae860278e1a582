"""The rows, one file per subject."""

from conversations.models.conversations import Conversation, Turn
from conversations.models.endpoints import Deployment, Endpoint
from conversations.models.people import Membership, Team, User
from conversations.models.responses import Item, Response
from conversations.models.workers import Worker

__all__ = [
    "Conversation",
    "Deployment",
    "Endpoint",
    "Item",
    "Membership",
    "Response",
    "Team",
    "Turn",
    "User",
    "Worker",
]

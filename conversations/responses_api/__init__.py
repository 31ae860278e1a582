"""The one door to the Responses API of Azure OpenAI, OpenAI and compatible servers.

Only this package imports `openai` and `azure`; it knows neither the rows nor the rest of the app. An endpoint
goes in as a plain value, the API's own JSON comes out, and everything that goes wrong is a ResponsesAPIError.
"""

from conversations.responses_api.client import Deletion, ResponsesAPI
from conversations.responses_api.connections import Timeouts
from conversations.responses_api.credentials import Credentials
from conversations.responses_api.endpoints import Auth, Endpoint, EndpointKind, check_named
from conversations.responses_api.errors import (
    BadConfiguration,
    BadRequest,
    ContentFiltered,
    ContextTooLong,
    NotFound,
    PreviousResponseNotFound,
    RateLimited,
    Refused,
    ResponsesAPIError,
    Stalled,
    StreamCut,
    Unfinished,
    Unreachable,
    UpstreamFault,
)
from conversations.responses_api.events import TERMINAL, Event, error_of
from conversations.responses_api.references import check_reference, reference, without_secrets
from conversations.responses_api.streams import EventStream
from conversations.responses_api.text import repair, repair_text

__all__ = [
    "TERMINAL",
    "Auth",
    "BadConfiguration",
    "BadRequest",
    "ContentFiltered",
    "ContextTooLong",
    "Credentials",
    "Deletion",
    "Endpoint",
    "EndpointKind",
    "Event",
    "EventStream",
    "NotFound",
    "PreviousResponseNotFound",
    "RateLimited",
    "Refused",
    "ResponsesAPI",
    "ResponsesAPIError",
    "Stalled",
    "StreamCut",
    "Timeouts",
    "Unfinished",
    "Unreachable",
    "UpstreamFault",
    "check_named",
    "check_reference",
    "error_of",
    "reference",
    "repair",
    "repair_text",
    "without_secrets",
]

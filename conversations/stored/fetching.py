"""One response as upstream has it now: itself and all pages of its input items."""

from dataclasses import dataclass, field
from typing import Any

from conversations.responses_api import Endpoint, ResponsesAPI, UpstreamFault
from conversations.stored.items import Payload

MOST_PAGES = 10_000
# The API leaves these out unless it is asked for them.
WITH_PICTURES = ("message.input_image.image_url", "computer_call_output.output.image_url")


@dataclass(frozen=True)
class Fetched:
    """`files`: the types of contents that were taken out of it, by their SHA-256."""

    response_id: str
    body: Payload
    input: list[Payload]
    files: dict[str, str] = field(default_factory=dict)

    @property
    def output(self) -> list[Payload]:
        return _objects(self.body.get("output"))


async def fetch(
    api: ResponsesAPI, address: Endpoint, response_id: str, *, with_input: bool = True
) -> Fetched:
    body = await api.retrieve(address, response_id)
    found = await input_items(api, address, response_id) if with_input else []
    return Fetched(response_id, body, found)


async def input_items(api: ResponsesAPI, address: Endpoint, response_id: str) -> list[Payload]:
    """All of them, oldest first."""
    found: list[Payload] = []
    after: str | None = None
    for _page in range(MOST_PAGES):
        page = await api.input_items(address, response_id, after=after, include=WITH_PICTURES)
        found += _objects(page.get("data"))
        following = last_of(page)
        if following is None:
            return found
        if following == after:
            break
        after = following
    raise UpstreamFault("The server's pages of input items don't end.", kind="malformed")


def last_of(page: dict[str, Any]) -> str | None:
    """What the next page comes after; None at the end."""
    data = _objects(page.get("data"))
    if not page.get("has_more") or not data:
        return None
    return str(page.get("last_id") or data[-1].get("id") or "") or None


def _objects(value: Any) -> list[Payload]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

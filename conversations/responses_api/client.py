"""The door: every request to a Responses API goes through `ResponsesAPI`."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self, cast
from urllib.parse import quote

import httpx2
from openai import AsyncStream
from openai._types import RequestOptions

from conversations.responses_api import errors, faults, references
from conversations.responses_api.connections import Connection, Connections, Timeouts
from conversations.responses_api.credentials import VAULT_REFRESH_SECONDS, Credentials
from conversations.responses_api.diagnosis import from_http, request_ids
from conversations.responses_api.endpoints import Endpoint
from conversations.responses_api.errors import ResponsesAPIError
from conversations.responses_api.jsons import Malformed, dumps, loads
from conversations.responses_api.references import without_secrets
from conversations.responses_api.streams import EventStream


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """What upstream answered to a delete that it accepted. Refusals raise."""

    status: int
    body: dict[str, Any] | str
    request_ids: dict[str, str]
    at: datetime


class ResponsesAPI:
    """One per event loop. Never retries: errors say whether the caller may (`retryable`, `retry_after`)."""

    def __init__(
        self, timeouts: Timeouts | None = None, *, vault_refresh: float = VAULT_REFRESH_SECONDS
    ) -> None:
        self.timeouts = timeouts or Timeouts()
        self._connections = Connections(self.timeouts, Credentials(vault_refresh))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._streams: set[EventStream] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes every connection; streams that still run end with StreamCut."""
        for stream in self._streams:
            stream.interrupt()
        await self._connections.aclose()

    def stream(
        self, endpoint: Endpoint, request: Mapping[str, Any], *, deadline: float | None = None
    ) -> AbstractAsyncContextManager[EventStream]:
        """Creates a response and streams it. Leaving the context closes the connection, which is how a
        response that does not run in the background is stopped. `deadline`: seconds for the whole stream.
        """
        asked = {**request, "stream": True}
        return self._stream(endpoint, "POST", "/responses", request=asked, deadline=deadline)

    def resume(
        self,
        endpoint: Endpoint,
        response_id: str,
        *,
        starting_after: int | None = None,
        deadline: float | None = None,
    ) -> AbstractAsyncContextManager[EventStream]:
        """Streams a background response again, after that sequence number or from the start."""
        params: dict[str, object] = {"stream": "true"}
        if starting_after is not None:
            params["starting_after"] = starting_after
        return self._stream(endpoint, "GET", _path(response_id), params=params, deadline=deadline)

    async def create(
        self, endpoint: Endpoint, request: Mapping[str, Any], *, deadline: float | None = None
    ) -> dict[str, Any]:
        asked = {**request, "stream": False} if request.get("stream") else request
        body = await self._body(self._connection(endpoint), asked)
        return await self._json(endpoint, "POST", "/responses", body=body, deadline=deadline)

    async def retrieve(
        self, endpoint: Endpoint, response_id: str, include: Iterable[str] = ()
    ) -> dict[str, Any]:
        wanted = list(include)
        params: dict[str, object] = {"include": wanted} if wanted else {}
        return await self._json(endpoint, "GET", _path(response_id), params=params)

    async def cancel(self, endpoint: Endpoint, response_id: str) -> dict[str, Any]:
        """Background responses only; again is harmless."""
        return await self._json(endpoint, "POST", _path(response_id) + "/cancel")

    async def input_items(
        self,
        endpoint: Endpoint,
        response_id: str,
        *,
        after: str | None = None,
        limit: int = 100,
        order: Literal["asc", "desc"] = "asc",
        include: Iterable[str] = (),
    ) -> dict[str, Any]:
        """One page: `data`, `has_more`, `last_id`. The API leaves pictures out unless they are included."""
        path = _path(response_id) + "/input_items"
        return await self._page(endpoint, path, after, limit, order, include=include)

    async def count_input_tokens(self, endpoint: Endpoint, request: Mapping[str, Any]) -> int:
        """How much a request would have the model read; nothing is created."""
        answer = await self._json(endpoint, "POST", "/responses/input_tokens", body=dumps(request))
        counted = answer.get("input_tokens")
        if not isinstance(counted, int):
            raise errors.UpstreamFault("The server's count of tokens has no number.", kind="malformed")
        return counted

    async def list_responses(
        self,
        endpoint: Endpoint,
        *,
        after: str | None = None,
        limit: int = 100,
        order: Literal["asc", "desc"] = "asc",
    ) -> dict[str, Any]:
        """One page of what is stored there. A Foundry project lists; a plain resource raises NotFound."""
        return await self._page(endpoint, "/responses", after, limit, order)

    async def _page(
        self,
        endpoint: Endpoint,
        path: str,
        after: str | None,
        limit: int,
        order: str,
        include: Iterable[str] = (),
    ) -> dict[str, Any]:
        params: dict[str, object] = {"limit": limit, "order": order}
        if wanted := list(include):
            params["include"] = wanted
        if after:
            params["after"] = after
        return await self._json(endpoint, "GET", path, params=params)

    async def delete(self, endpoint: Endpoint, response_id: str) -> Deletion:
        response = await self._request(endpoint, "DELETE", _path(response_id))
        at = datetime.now(UTC)
        try:
            body = loads(response.content)[0]
        except Malformed:
            body = response.text
        return Deletion(
            status=response.status_code,
            body=body if isinstance(body, dict) else response.text,
            request_ids=request_ids(response.headers),
            at=at,
        )

    @asynccontextmanager
    async def _stream(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        *,
        deadline: float | None,
        request: Mapping[str, Any] | None = None,
        **parts: Any,
    ) -> AsyncIterator[EventStream]:
        connection = self._connection(endpoint)
        if request is not None:
            parts["body"] = await self._body(connection, request)
        until = self._until(deadline)
        response = await self._send(connection, method, path, until, streamed=True, **parts)
        stream = EventStream(response, connection.redactor, self.timeouts, until)
        self._streams.add(stream)
        try:
            await _require_events(response, connection, until)
            yield stream
        finally:
            self._streams.discard(stream)
            await stream.aclose()

    async def _json(
        self, endpoint: Endpoint, method: str, path: str, *, deadline: float | None = None, **parts: Any
    ) -> dict[str, Any]:
        response = await self._request(endpoint, method, path, deadline=deadline, **parts)
        try:
            value = loads(response.content)[0]
        except Malformed:
            value = None
        if not isinstance(value, dict):
            raise _senseless(response)
        return cast("dict[str, Any]", without_secrets(self._connection(endpoint).redactor.hide(value)))

    async def _body(self, connection: Connection, request: Mapping[str, Any]) -> bytes:
        """Secrets of MCP servers are in it from here on, and nowhere before."""
        if not references.named_in(request):
            return dumps(request)

        async def secret(name: str, vault_url: str) -> str:
            value = await self._connections.named(name, vault_url)
            connection.redactor.guard(value)
            return value

        return dumps(await references.spelt_out(request, secret))

    async def _request(
        self, endpoint: Endpoint, method: str, path: str, *, deadline: float | None = None, **parts: Any
    ) -> httpx2.Response:
        return await self._send(self._connection(endpoint), method, path, self._until(deadline), **parts)

    def _connection(self, endpoint: Endpoint) -> Connection:
        loop = asyncio.get_running_loop()
        if self._loop is not None and self._loop is not loop:
            raise RuntimeError("A ResponsesAPI belongs to the event loop that first used it.")
        self._loop = loop
        return self._connections.get(endpoint)

    def _until(self, deadline: float | None) -> float | None:
        seconds = self.timeouts.total if deadline is None else deadline
        return None if seconds is None else asyncio.get_running_loop().time() + seconds

    async def _send(
        self,
        connection: Connection,
        method: str,
        path: str,
        until: float | None,
        *,
        body: bytes | None = None,
        params: Mapping[str, object] | None = None,
        streamed: bool = False,
    ) -> httpx2.Response:
        """The SDK's own request without its models: we need its URLs, authentication and status errors."""
        try:
            async with asyncio.timeout_at(until):
                return await _call(connection, method, path, body, params, streamed)
        except TimeoutError:
            raise errors.Stalled(kind="deadline", retryable=False) from None
        except ResponsesAPIError:
            raise
        except faults.TRANSPORT_ERRORS as error:
            found = faults.from_request(error, connection.redactor)
            if isinstance(found, errors.Refused):
                connection.forget_secret()
            # What the SDK raises quotes the answer's body, which may repeat a key.
            raise found from None


async def _call(
    connection: Connection,
    method: str,
    path: str,
    body: bytes | None,
    params: Mapping[str, object] | None,
    streamed: bool,
) -> httpx2.Response:
    client, kind = connection.client, httpx2.Response
    options: RequestOptions = {"headers": connection.headers, "params": params or {}}
    if method == "DELETE":
        options["headers"] = {**connection.headers, "Accept": "*/*"}  # as the SDK's own delete
        return await client.delete(path, cast_to=kind, options=options)
    if method == "GET":
        answer = await client.get(
            path, cast_to=kind, options=options, stream=streamed, stream_cls=AsyncStream[Any]
        )
    else:
        answer = await client.post(
            path, cast_to=kind, content=body, options=options, stream=streamed, stream_cls=AsyncStream[Any]
        )
    return cast("httpx2.Response", answer)


async def _require_events(response: httpx2.Response, connection: Connection, until: float | None) -> None:
    """Raises what a server means that says 200 and then sends a document rather than events."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("", "text/event-stream"):
        return
    if kind != "application/json":
        raise errors.BadConfiguration(
            f"The server answered with {kind[:100]} instead of events.",
            kind="not_an_api",
            request_ids=request_ids(response.headers),
        )
    try:
        async with asyncio.timeout_at(until):
            content = await response.aread()
    except TimeoutError:
        raise errors.Stalled(kind="deadline", retryable=False) from None
    except faults.TRANSPORT_ERRORS as error:
        raise faults.from_reading(error, connection.redactor) from None
    raise from_http(response.status_code, response.headers, content, connection.redactor)


def _senseless(response: httpx2.Response) -> ResponsesAPIError:
    kind = response.headers.get("content-type", "nothing").partition(";")[0][:100]
    return errors.UpstreamFault(
        f"The server answered with {kind} that is not a JSON object.",
        kind="malformed",
        status=response.status_code,
        request_ids=request_ids(response.headers),
    )


def _path(response_id: str) -> str:
    if not response_id.strip(".") or len(response_id) > 500:
        raise errors.BadRequest("A response id is missing or malformed.")
    return "/responses/" + quote(response_id, safe="")

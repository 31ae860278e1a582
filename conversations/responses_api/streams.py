"""One stream of events, from the bytes of a response to its end."""

import asyncio
from collections import deque
from collections.abc import Mapping

import httpx2

from conversations.responses_api import errors, faults
from conversations.responses_api.connections import Timeouts
from conversations.responses_api.diagnosis import request_ids
from conversations.responses_api.errors import ResponsesAPIError
from conversations.responses_api.events import ENDINGS, Ending, Event, EventDecoder
from conversations.responses_api.jsons import Malformed
from conversations.responses_api.patience import Patience
from conversations.responses_api.redaction import Redactor
from conversations.responses_api.references import without_secrets
from conversations.responses_api.sse import Message, SSEParser, TooLarge

DONE = b"[DONE]"


class EventStream:
    """Iterate to get events: plain dicts in the API's own vocabulary, free of NUL and lone surrogates.

    Ends after a terminal event, with `response.failed` completed by the `error` event around it.
    Every other end raises a member of the error tree, after the events that came before it.
    """

    def __init__(
        self, response: httpx2.Response, redactor: Redactor, timeouts: Timeouts, deadline: float | None = None
    ) -> None:
        self.headers: Mapping[str, str] = response.headers
        self.request_ids = request_ids(response.headers)
        self._response = response
        self._chunks = response.aiter_bytes()
        self._redactor = redactor
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._deadline = deadline
        self._parser = SSEParser()
        self._decoder = EventDecoder()
        self._ending = Ending()
        self._ready: deque[Event] = deque()
        self._failure: ResponsesAPIError | None = None
        self._settled = False
        self._over = False
        self._patience = Patience(self._until(timeouts.read))
        self._interrupted = False

    @property
    def repaired(self) -> int:
        """Characters that had to be replaced by U+FFFD so far."""
        return self._decoder.repaired

    def __aiter__(self) -> "EventStream":
        return self

    async def __anext__(self) -> Event:
        while not self._ready:
            if self._failure is not None:
                raise self._failure
            if self._over:
                raise StopAsyncIteration
            await self._read()
        return self._ready.popleft()

    def interrupt(self) -> None:
        """Ends the wait for the next event; that the connections are closed would not wake it."""
        self._interrupted = True
        self._patience.last_until(self._loop.time())

    async def aclose(self) -> None:
        """Closes the connection at once, unless upstream has ended the answer itself."""
        self._over = True
        self._patience.end()
        try:
            await self._response.aclose()
        finally:
            await self._chunks.aclose()

    async def _read(self) -> None:
        try:
            chunk = await self._patience.wait(anext(self._chunks, b""))
        except TimeoutError:
            self._end(self._too_slow())
        except faults.TRANSPORT_ERRORS as error:
            self._end(faults.from_reading(error, self._redactor))
        else:
            self._feed(chunk)

    def _feed(self, chunk: bytes) -> None:
        if not chunk:
            self._close()
        elif self._take_all(chunk):
            self._be_patient()

    def _close(self) -> None:
        """The peer has ended the answer; half an event at the very end is a broken connection."""
        try:
            for message in self._parser.close():
                self._take(message)
        except Malformed:
            self._end(errors.StreamCut())
        self._end(errors.StreamCut(kind="no_terminal_event"))

    def _take_all(self, chunk: bytes) -> bool:
        """Whether the chunk brought any event."""
        messages: list[Message] = []
        try:
            messages = self._parser.feed(chunk)
            for message in messages:
                self._take(message)
        except (Malformed, TooLarge) as error:
            said = self._redactor.clean(f"An event could not be read: {error}.")
            self._end(errors.StreamCut(said, kind="malformed"))
        return bool(messages)

    def _take(self, message: Message) -> None:
        if self._settled:
            return
        if message.data == DONE:
            self._settle(errors.StreamCut(kind="no_terminal_event"))
            return
        event = self._redactor.hide(self._decoder.decode(message))
        if "response" in event:
            event["response"] = without_secrets(event["response"])
        if event["type"] not in ENDINGS:
            self._ready.append(event)
            return
        self._ending.take(event)
        if self._ending.complete:
            self._settle(None)

    def _be_patient(self) -> None:
        """Only events renew it: comments that keep a connection alive are no sign of an answer."""
        wait = self._timeouts.read
        if self._settled:
            wait = self._timeouts.drain
        elif self._ending.begun:
            wait = self._timeouts.linger
        self._patience.last_until(self._until(wait))

    def _until(self, seconds: float) -> float:
        until = self._loop.time() + seconds
        return until if self._deadline is None else min(until, self._deadline)

    def _end(self, reason: ResponsesAPIError) -> None:
        """Nothing more can be read; `reason` counts only if the events did not tell their own end."""
        if not self._settled:
            self._settle(reason)
        self._over = True

    def _settle(self, reason: ResponsesAPIError | None) -> None:
        self._settled = True
        outcome = self._ending.resolve(self.headers, self._redactor) if self._ending.begun else reason
        if isinstance(outcome, ResponsesAPIError):
            outcome.request_ids = outcome.request_ids or self.request_ids
            self._failure = outcome
        elif outcome is not None:
            self._ready.append(outcome)

    def _too_slow(self) -> ResponsesAPIError:
        if self._interrupted:
            return errors.StreamCut()
        if self._deadline is not None and self._loop.time() >= self._deadline:
            return errors.Stalled(kind="deadline", retryable=False)
        return errors.Stalled()

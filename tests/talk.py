"""A client of the chat that knows docs/protocol.md and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
from yarl import URL

from conversations.chat.transcript import Transcript, follows
from tests.stack import PASSWORD, Stack

Json = dict[str, Any]
TERMINAL = ("completed", "incomplete", "failed", "cancelled", "interrupted")
PATIENCE_SECONDS = 90


@dataclass
class Answer:
    """What a tab knows of one response."""

    row: Json
    transcript: Transcript = field(default_factory=Transcript)
    epoch: int = 0
    seq: int = -1
    whole: bool = False

    @property
    def text(self) -> str:
        parts = [part for item in self.transcript.items for part in item.get("content") or []]
        return "".join(part.get("text") or part.get("refusal") or "" for part in parts)

    @property
    def ended(self) -> bool:
        return self.row["status"] in TERMINAL

    def know(self, row: Json) -> None:
        """Take in a row that was read, unless it is out of date; items only where it has more of them."""
        if row["revision"] < self.row["revision"]:
            return
        known, self.row = self.calls, self.row | row
        for call in known:
            self.take_call(call)
        cursor = row.get("cursor")
        if row["status"] in TERMINAL and "items" in row:
            self.whole = True
            self.transcript = Transcript(row["items"], row["status"], self.transcript.upstream_seq)
        elif cursor and (cursor["epoch"], cursor["seq"]) > (self.epoch, self.seq):
            self.transcript = Transcript(row["items"], row["status"], cursor["upstream_seq"])
            self.epoch, self.seq = cursor["epoch"], cursor["seq"]

    @property
    def calls(self) -> list[Json]:
        return list(self.row.get("calls", ()))

    def take_call(self, call: Json) -> None:
        """Unless a newer state of it is known."""
        newest = {each["id"]: each for each in self.calls}
        if call["revision"] >= newest.get(call["id"], call)["revision"]:
            newest[call["id"]] = call
        self.row["calls"] = sorted(newest.values(), key=lambda each: int(each["position"]))

    def fold(self, frame: Json) -> None:
        """Take in a frame that follows on; any other is dropped, and all that come after the final items."""
        if not follows(self.epoch, self.seq, frame["epoch"], frame["seq"]):
            return
        self.epoch, self.seq = frame["epoch"], frame["seq"]
        for event in frame["events"]:
            if not self.whole:
                self.transcript.apply(event)
            if event["type"] == "receipt":
                self.whole = True
                self.know(event["response"])


class Tab:
    """One WebSocket of one person on one conversation, with everything folded as it arrives."""

    def __init__(self, person: "Person", conversation: str) -> None:
        self.person = person
        self.conversation = conversation
        self.answers: dict[str, Answer] = {}
        self.turns: list[str] = []
        self.accepted: dict[str, str] = {}
        self.errors: list[Json] = []
        self.sights: list[Json] = []
        self.changed = asyncio.Condition()
        self.broken: Exception | None = None

    async def run(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        try:
            async for message in socket:
                await self._take(orjson.loads(message.data))
                await self._notify()
            await self._notify()  # of the close
        except Exception as error:
            self.broken = error
            await self._notify()
            raise

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def send(self, text: str, *, key: str = "", **more: Any) -> str:
        """Sends a message; answers the turn's id."""
        key = key or str(uuid4())
        tip = self.turns[-1] if self.turns else None
        await self.say({"type": "message.create", "client_key": key, "text": text, "tip": tip, **more})
        await self.until(lambda: key in self.accepted)
        return self.accepted[key]

    async def say(self, message: Json) -> None:
        await self.socket.send_str(orjson.dumps(message).decode())

    async def ask(self, text: str, **more: Any) -> Answer:
        """Sends a message and waits for the end of its answer."""
        return await self.ended(await self.send(text, **more))

    async def ended(self, turn: str) -> Answer:
        await self.until(lambda: self.answer(turn) is not None and self.answer(turn).ended)
        ended: Answer = self.answer(turn)
        return ended

    def answer(self, turn: str) -> Any:
        """The newest round of the newest attempt at a turn."""
        attempts = [one for one in self.answers.values() if one.row["turn"] == turn]
        return max(attempts, key=lambda one: (int(one.row["attempt"]), int(one.row["round"])), default=None)

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(lambda: self.broken is not None or true())
        if self.broken is not None:
            raise AssertionError("the tab broke off") from self.broken

    async def _take(self, message: Json) -> None:
        match message["type"]:
            case "hello" | "resync":
                await self._load()
            case "turn":
                self._know(message["turn"])
            case "frame":
                self.answers[message["response"]].fold(message)
            case "call.changed":
                self.answers[message["call"]["response"]].take_call(message["call"])
            case "message.accepted":
                self.accepted[message["client_key"]] = message["turn"]
            case "computer.seen":
                self.sights.append(message)
            case "error":
                self.errors.append(message)

    async def _load(self) -> None:
        page = await self.person.get(f"/api/conversations/{self.conversation}/")
        for turn in page["turns"]:
            self._know(turn)
        for answer in self.answers.values():
            if not answer.ended:
                await self._read(answer)

    async def _read(self, answer: Answer) -> None:
        position = {"response": answer.row["id"], "epoch": answer.epoch, "after": answer.seq}
        await self.say({"type": "response.read", **position})

    def _know(self, turn: Json) -> None:
        if turn["id"] not in self.turns:
            self.turns.append(turn["id"])
        for row in turn["responses"]:
            self.answers.setdefault(row["id"], Answer(row)).know(row)


class Person:
    """Signed in through the form, as a browser would."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        self.stack = stack
        self.session = session

    @property
    def headers(self) -> dict[str, str]:
        cookies = self.session.cookie_jar.filter_cookies(URL(self.stack.url))
        return {"Origin": self.stack.url, "X-CSRFToken": cookies["csrftoken"].value}

    async def log_in(self, username: str) -> None:
        async with self.session.get(f"{self.stack.url}/login/") as page:
            page.raise_for_status()
        form = {
            "username": username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.headers["X-CSRFToken"],
        }
        async with self.session.post(f"{self.stack.url}/login/", data=form, headers=self.headers) as page:
            if "sessionid" not in self.session.cookie_jar.filter_cookies(URL(self.stack.url)):
                raise AssertionError(f"{username} could not log in: {page.status}")

    async def get(self, path: str) -> Json:
        async with self.session.get(f"{self.stack.url}{path}") as answer:
            answer.raise_for_status()
            return dict(await answer.json())

    async def start(self, **fields: Any) -> str:
        """A new conversation's id."""
        body = {"client_key": str(uuid4()), **fields}
        url = f"{self.stack.url}/api/conversations/"
        async with self.session.post(url, json=body, headers=self.headers) as answer:
            answer.raise_for_status()
            return str((await answer.json())["id"])

    @asynccontextmanager
    async def tab(self, conversation: str, kind: Callable[["Person", str], Any] = Tab) -> AsyncIterator[Any]:
        url = f"{self.stack.url}/ws/conversations/{conversation}/"
        tab = kind(self, conversation)
        async with self.session.ws_connect(url, headers=self.headers, max_msg_size=0) as socket:
            reading = asyncio.create_task(tab.run(socket))
            await tab.until(lambda: hasattr(tab, "socket"))
            try:
                yield tab
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)


@asynccontextmanager
async def signed_in(stack: Stack, username: str) -> AsyncIterator[Person]:
    # Every tab holds a connection, so there must be no limit to them.
    connector, cookies = aiohttp.TCPConnector(limit=0), aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=cookies) as session:
        person = Person(stack, session)
        await person.log_in(username)
        yield person


@asynccontextmanager
async def chatting(stack: Stack, username: str = "alice", **fields: Any) -> AsyncIterator[Tab]:
    """A tab on a new conversation of a person's."""
    async with signed_in(stack, username) as person, person.tab(await person.start(**fields)) as tab:
        yield tab


async def control(stack: Stack, method: str, path: str, body: Json | None = None) -> Any:
    """The emulator's own endpoints."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"{stack.emulator_url}/_emulator/{path}", json=body) as answer,
    ):
        answer.raise_for_status()
        return await answer.json()


async def fault(stack: Stack, faults: str, operation: str = "create") -> None:
    """The next request of that operation meets these faults."""
    await control(stack, "POST", "faults", {"faults": faults, "times": 1, "operation": operation})


def stored_text(stack: Stack, answer: Answer) -> str:
    """What the ledger has of an answer."""
    rows = stack.rows(
        "SELECT i.text FROM conversations_item i JOIN conversations_response r ON r.id = i.response_id"
        " WHERE r.response_id = %s AND i.direction = 'output' ORDER BY i.position",
        answer.row["response_id"],
    )
    return "".join(text for (text,) in rows)


async def upstream_text(stack: Stack, response_id: str) -> str:
    """What a plain client of the API retrieves."""
    body = await upstream(stack, "GET", response_id)
    return "".join(part["text"] for item in body["output"] for part in item.get("content") or [])


async def delete_upstream(stack: Stack, response_id: str) -> None:
    """Behind our back."""
    await upstream(stack, "DELETE", response_id)


async def upstream(stack: Stack, method: str, response_id: str) -> Json:
    url = f"{stack.emulator_url}/openai/v1/responses/{response_id}"
    headers = {"api-key": stack.env["EMULATOR_KEY"]}
    async with aiohttp.ClientSession() as session, session.request(method, url, headers=headers) as answer:
        answer.raise_for_status()
        return dict(await answer.json())

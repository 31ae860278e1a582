"""One WebSocket of one person on one conversation; docs/protocol.md is its contract.

Commands are short and go through `turns`. Frames don't pass through Channels' dispatch, which would hop to a
thread for each: a task takes them from the socket's mailbox, hands on what is contiguous and reads the log
for what isn't.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import orjson
import redis
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from conversations import bus
from conversations.chat import deciding, lending, sockets, steering, turns
from conversations.chat.event_log import frames_of, position_after
from conversations.chat.frames import Nudge
from conversations.chat.hub import Mailbox, Message, Missed, hub
from conversations.chat.refusals import Refusal
from conversations.chat.transcript import follows
from conversations.models import User
from conversations.people.changes import session_mark

logger = logging.getLogger(__name__)

SIGNED_OUT, NO_RIGHT, DELETED, TOO_MANY, TROUBLE = 4401, 4403, 4410, 4429, 1011
RIGHTS_CHECK_SECONDS = 60
DECISIONS = "call.approve, call.decline, call.answer"
COMPUTER = steering.COMMANDS | lending.COMMANDS
KNOWN = (
    f"message.create, turn.retry, response.stop, response.read, {DECISIONS}, {', '.join(COMPUTER)} and ping"
)

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Database work of one socket, on a thread of its own: one that waits holds up no other."""
    call = database_sync_to_async(function, thread_sensitive=False)
    answer: T = await call(*args, **kwargs)
    return answer


class ConversationConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Channels doesn't disconnect a consumer that raised, so cleaning up is done here."""
        self.tasks: list[asyncio.Task[None]] = []
        self.channels: tuple[str, ...] = ()
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without Channels' own, which hops to a thread for connections first: our threads close theirs."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.user: User = self.scope["user"]
        self.conversation: UUID = self.scope["url_route"]["kwargs"]["conversation"]
        self.mailbox = Mailbox()
        self.followed: dict[str, tuple[int, int]] = {}
        self.budget = sockets.Budget(settings.SOCKET_MESSAGES_PER_10_SECONDS)
        self.refused = False
        self.session_seconds = 0.0
        # Accepted first: a browser learns the reason of a refusal only from a socket that was open.
        await self.accept()
        if not sockets.same_origin(self.scope):
            await self._refuse(NO_RIGHT, "bad_origin", "This page is not allowed to connect here.")
        elif await self._check_rights():
            await self._open()

    async def _open(self) -> None:
        self.channels = (bus.conversation_channel(self.conversation), bus.user_channel(self.user.pk))
        await hub().subscribe(self.mailbox, *self.channels)
        self.tasks = [asyncio.create_task(self._guard(work)) for work in (self._pump, self._recheck_rights)]
        await self._say(self._hello())

    async def _leave(self) -> None:
        for task in self.tasks:
            task.cancel()
        if self.channels:
            await hub().unsubscribe(self.mailbox, *self.channels)
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        """A socket without its tasks would go on without rights: it closes, and the client comes back."""
        try:
            await work()
        except Exception:
            if self.refused:
                return  # it wanted to say something after the close
            logger.exception("A socket gave up")
            await self._refuse(TROUBLE, "trouble", "Something went wrong here. The page connects again.")

    async def send(self, *args: Any, **kwargs: Any) -> None:
        """A client that has just left hears nothing more; the server is about to say that it left."""
        with contextlib.suppress(OSError):
            await super().send(*args, **kwargs)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.refused:
            return
        if not self.budget.spend(time.monotonic()):
            await self._refuse(
                TOO_MANY, "too_many_messages", "Too many messages in a short time. Wait a moment."
            )
            return
        client_key = None
        try:
            command = sockets.parse(text_data, bytes_data)
            client_key = command.client_key
            await self._obey(command)
        except Refusal as refusal:
            await self._say(sockets.error(refusal.code, str(refusal), client_key, refusal.choice))
        except (redis.RedisError, DatabaseError, InterfaceError) as error:
            logger.warning("A socket closes, since a part is away: %s", error)
            await self._refuse(TROUBLE, "trouble", "A part of the service is away. The page connects again.")

    async def _obey(self, command: sockets.Command) -> None:
        match command.type:
            case "ping":
                await self._say({"type": "pong"})
            case "message.create":
                await self._create(command)
            case "turn.retry":
                turn, key = command.uuid("turn"), command.uuid("client_key")
                chosen = {"without": command.fields.get("without"), "asked": command.fields.get("choices")}
                await in_thread(turns.retry_turn, self.user, turn, client_key=key, **chosen)
                await self._say({"type": "message.accepted", "client_key": str(key), "turn": str(turn)})
            case "response.stop":
                await in_thread(turns.request_stop, self.user, command.uuid("response"))
            case "call.approve" | "call.decline" | "call.answer":
                await in_thread(deciding.decide, self.user, command)
            case name if name in COMPUTER:
                await in_thread(COMPUTER[name], self.user, command)
            case "response.read":
                await self._read(command)
            case _:
                raise Refusal("unknown_type", f"There is no such message type. Known ones are {KNOWN}.")

    async def _create(self, command: sockets.Command) -> None:
        key = command.uuid("client_key")
        turn = await in_thread(
            turns.send_message,
            self.user,
            self.conversation,
            client_key=key,
            text=command.text("text"),
            tip=command.uuid_or_none("tip"),
            asked=command.fields.get("choices"),
            attached=command.fields.get("attachments"),
        )
        await self._say({"type": "message.accepted", "client_key": str(key), "turn": str(turn.pk)})

    async def _read(self, command: sockets.Command) -> None:
        """Follow a response from a position on; what is in the log after it is sent at once."""
        response = command.uuid("response")
        row = await in_thread(sockets.response_in, self.conversation, response)
        if row is None:
            raise Refusal("not_found", "There is no such answer in this conversation.")
        asked = (command.number("epoch", 0), command.number("after", -1))
        self.followed[str(response)] = asked
        await self._catch_up(str(response))
        if self.followed.get(str(response)) == asked and not row.is_open:
            await self._say({"type": "resync"})

    async def _pump(self) -> None:
        while not self.refused:
            message = await self.mailbox.get()
            try:
                await self._pass_on(message)
            except (redis.RedisError, OSError) as error:
                logger.warning("A socket waits for Redis: %s", error)
                await self._say({"type": "resync"})

    async def _pass_on(self, message: Message) -> None:
        if isinstance(message, Nudge):
            await self._frame(message)
        elif isinstance(message, Missed):
            await self._make_up_for(message)
        elif message["type"] == "rights":
            await self._check_rights()
        elif message["type"] == "logout":
            if message["session"] == session_mark(self.scope["session"]):
                await self._refuse_signed_out()
        else:
            await self._say(message)

    async def _make_up_for(self, missed: Missed) -> None:
        if missed is Missed.FRAMES:
            for response in list(self.followed):
                await self._catch_up(response)
        elif await self._check_rights():
            await self._say({"type": "resync"})

    async def _frame(self, nudge: Nudge) -> None:
        known = self.followed.get(nudge.response)
        if known is None:
            # Followed from the first frame of an epoch on; later only once the client says where it stands.
            if nudge.seq != 0:
                return
            known = self.followed[nudge.response] = (0, -1)
        if (nudge.epoch, nudge.seq) <= known:
            return
        if nudge.frame and follows(*known, nudge.epoch, nudge.seq):
            self.followed[nudge.response] = (nudge.epoch, nudge.seq)
            await self.send(nudge.frame)
        else:
            await self._catch_up(nudge.response)

    async def _catch_up(self, response: str) -> None:
        """Send what the log has after the position reached."""
        entries = await hub().reader.xrange(
            bus.log_key(response), min=position_after(*self.followed[response])
        )
        for raw in frames_of(entries):
            frame, known = orjson.loads(raw), self.followed.get(response)
            if known is None:
                return  # a hole was met meanwhile
            if (frame["epoch"], frame["seq"]) <= known:
                continue  # passed on while the log was read
            if not follows(*known, frame["epoch"], frame["seq"]):
                # Told once: it is followed again from where the client says, or from the next epoch on.
                del self.followed[response]
                await self._say({"type": "resync"})
                return
            self.followed[response] = (frame["epoch"], frame["seq"])
            await self.send(raw.decode())

    async def _recheck_rights(self) -> None:
        """A backstop for changes that nobody announced, and the end of the session."""
        while not self.refused:
            await asyncio.sleep(min(RIGHTS_CHECK_SECONDS, self.session_seconds + 0.1))
            await self._check_rights()

    async def _check_rights(self) -> bool:
        key = self.scope["session"].session_key
        standing = await in_thread(sockets.standing, self.user, key, self.conversation)
        self.session_seconds = standing.seconds_left
        match standing.verdict:
            case sockets.Verdict.SIGNED_OUT:
                await self._refuse_signed_out()
            case sockets.Verdict.NOT_VISIBLE:
                await self._refuse(NO_RIGHT, "no_right", standing.message)
            case sockets.Verdict.DELETED:
                await self._refuse(DELETED, "deleted", standing.message)
        return standing.verdict is sockets.Verdict.FINE

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "protocol": 1,
            "conversation": str(self.conversation),
            "user": self.user.username,
            "limits": sockets.limits(),
        }

    async def _refuse(self, code: int, name: str, message: str) -> None:
        """Nothing more is sent after this, whatever is still in the mailbox."""
        self.refused = True
        for task in self.tasks:
            if task is not asyncio.current_task():
                task.cancel()
        with contextlib.suppress(RuntimeError):  # the client may have closed at the same moment
            await self._say(sockets.error(name, message, None))
            await self.close(code)

    async def _refuse_signed_out(self) -> None:
        await self._refuse(SIGNED_OUT, "signed_out", "You are signed out. Log in again; your text is kept.")

    async def _say(self, message: dict[str, Any]) -> None:
        await self.send(orjson.dumps(message).decode())

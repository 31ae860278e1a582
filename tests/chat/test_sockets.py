"""The WebSocket of the real application, on a real server, Redis and database, as docs/protocol.md says."""

import asyncio
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from pytest_django import Settings

from conversations import bus
from conversations.chat import hub
from conversations.chat.consumers import ConversationConsumer
from conversations.models import Conversation, Membership, Response, Turn, User
from conversations.people.changes import session_mark
from tests.chat.wires import Connect, Json, create, frame, keep, tell

pytestmark = pytest.mark.django_db(transaction=True)

# Rights are asked for anew each minute anyway.
AT_ONCE_SECONDS = 20


async def test_it_says_hello_with_the_limits(
    connect: Connect, alice: User, conversation: Conversation
) -> None:
    hello = await (await connect(alice, conversation)).hello()
    assert (hello["type"], hello["protocol"], hello["user"]) == ("hello", 1, "alice")
    assert hello["limits"]["message_chars"] == 200_000


async def test_a_message_is_accepted_and_everyone_who_watches_sees_the_turn(
    connect: Connect, alice: User, bob: User, conversation: Conversation
) -> None:
    hers, his = await connect(alice, conversation), await connect(bob, conversation)
    await hers.hello(), await his.hello()
    message = create("Shall we?")
    await hers.send(message)
    accepted = await hers.receive_until("message.accepted")
    seen = await his.receive_until("turn")
    assert accepted["client_key"] == message["client_key"]
    assert (seen["turn"]["id"], seen["turn"]["text"]) == (accepted["turn"], "Shall we?")
    assert seen["turn"]["responses"][0]["status"] == "queued"


async def test_the_same_message_twice_is_answered_alike(
    connect: Connect, alice: User, conversation: Conversation
) -> None:
    socket = await connect(alice, conversation)
    await socket.hello()
    message = create()
    await socket.send(message)
    first = await socket.receive_until("message.accepted")
    await socket.send(message)
    assert await socket.receive_until("message.accepted") == first
    assert await Turn.objects.acount() == 1


BAD = [
    ("not json", "bad_json"),
    ("[1, 2]", "bad_message"),
    ({"type": 7}, "bad_message"),
    ({"type": "message.destroy"}, "unknown_type"),
    (create(text=""), "empty_message"),
    (create(text=5), "bad_field"),
    (create(client_key="mine"), "bad_field"),
    (create(tip="root"), "bad_field"),
    (create(tip=str(uuid4())), "unknown_tip"),
    ({"type": "response.stop", "response": str(uuid4())}, "not_found"),
    ({"type": "response.stop"}, "bad_field"),
    ({"type": "turn.retry", "turn": str(uuid4()), "client_key": str(uuid4())}, "not_found"),
    ({"type": "response.read", "response": str(uuid4()), "epoch": 0, "after": -1}, "not_found"),
    (create(text="x" * 1_000_000), "message_too_long"),
    (create(text="x" * 1_100_000), "frame_too_large"),
]


@pytest.mark.parametrize(
    ("message", "code"), BAD, ids=[f"{index}-{code}" for index, (_, code) in enumerate(BAD)]
)
async def test_bad_input_gets_a_clear_answer_and_the_socket_lives_on(
    connect: Connect, alice: User, conversation: Conversation, message: Json | str, code: str
) -> None:
    socket = await connect(alice, conversation)
    await socket.hello()
    await socket.send(message)
    error = await socket.receive_until("error")
    assert error["code"] == code
    assert error["message"].endswith(".")
    await socket.send({"type": "ping"})
    assert await socket.receive() == {"type": "pong"}
    assert not await Turn.objects.aexists()


async def test_a_binary_frame_gets_a_clear_answer(
    connect: Connect, alice: User, conversation: Conversation
) -> None:
    socket = await connect(alice, conversation)
    await socket.hello()
    await socket.wire.send_bytes(b"\x00\x01")
    assert (await socket.receive())["code"] == "binary_frame"


async def test_too_many_messages_close_the_socket(
    connect: Connect, alice: User, conversation: Conversation, settings: Settings
) -> None:
    settings.SOCKET_MESSAGES_PER_10_SECONDS = 3
    socket = await connect(alice, conversation)
    await socket.hello()
    for _ in range(4):
        await socket.send({"type": "ping"})
    assert await socket.closed() == 4429


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", ""])
async def test_another_origin_gets_nothing(
    connect: Connect, alice: User, conversation: Conversation, origin: str
) -> None:
    socket = await connect(alice, conversation, origin=origin)
    assert (await socket.hello())["code"] == "bad_origin"
    assert await socket.closed() == 4403


async def test_anonymous_outsiders_and_forged_ids_get_nothing(
    connect: Connect, alice: User, carol: User, conversation: Conversation
) -> None:
    for user, key, code in [(None, conversation, 4401), (carol, conversation, 4403), (alice, uuid4(), 4403)]:
        socket = await connect(user, key)
        assert (await socket.hello())["type"] == "error"
        assert await socket.closed() == code


async def test_losing_the_right_closes_the_socket_at_once(
    connect: Connect, bob: User, conversation: Conversation
) -> None:
    socket = await connect(bob, conversation)
    await socket.hello()
    await database_sync_to_async(_leave)(bob)
    async with asyncio.timeout(AT_ONCE_SECONDS):
        assert await socket.closed() == 4403


def _leave(user: User) -> None:
    Membership.objects.get(user=user).delete()


async def test_making_it_private_closes_the_sockets_of_the_others(
    connect: Connect, alice: User, bob: User, conversation: Conversation
) -> None:
    hers, his = await connect(alice, conversation), await connect(bob, conversation)
    await hers.hello(), await his.hello()
    conversation.visibility = "private"
    await database_sync_to_async(conversation.save)()
    assert await his.closed() == 4403
    await hers.send({"type": "ping"})
    assert await hers.receive_until("pong")


async def test_logging_out_closes_the_sockets_of_that_session_only(
    connect: Connect, alice: User, conversation: Conversation
) -> None:
    here, elsewhere = await connect(alice, conversation), await connect(alice, conversation)
    await here.hello(), await elsewhere.hello()
    await database_sync_to_async(here.django.post)("/logout/")
    async with asyncio.timeout(AT_ONCE_SECONDS):
        assert await here.closed() == 4401
    await elsewhere.send({"type": "ping"})
    assert await elsewhere.receive_until("pong")


async def test_a_logout_is_heard_before_the_session_is_gone(
    connect: Connect, alice: User, conversation: Conversation
) -> None:
    socket = await connect(alice, conversation)
    await socket.hello()
    news = {"type": "logout", "session": session_mark(socket.django.session)}
    bus.publish(bus.user_channel(alice.pk), news)
    assert await socket.closed() == 4401


async def test_many_sockets_that_open_at_once_all_get_through(
    connect: Connect, alice: User, conversation: Conversation
) -> None:
    sockets = [await connect(alice, conversation) for _ in range(3)]
    sockets += await asyncio.gather(*(connect(alice, conversation) for _ in range(17)))
    hellos = await asyncio.gather(*(socket.hello() for socket in sockets))
    assert {hello["type"] for hello in hellos} == {"hello"}


async def test_a_socket_that_meets_trouble_closes_and_leaves_nothing(
    connect: Connect, alice: User, conversation: Conversation, running: Response, settings: Settings
) -> None:
    socket = await connect(alice, conversation)
    await socket.hello()
    bus.client().set(bus.log_key(running.pk), "not a stream")
    await socket.send({"type": "response.read", "response": str(running.pk), "epoch": 0, "after": -1})
    assert await socket.closed() == 1011
    mailboxes = hub.hub()._mailboxes[bus.conversation_channel(conversation.pk)]
    async with asyncio.timeout(20):
        while True:
            if len(mailboxes) == 1:
                return
            await asyncio.sleep(0.01)


async def test_frames_arrive_in_order_whatever_the_nudges_do(
    connect: Connect, alice: User, conversation: Conversation, running: Response
) -> None:
    socket = await connect(alice, conversation)
    await socket.hello()
    frames = [frame(running, seq) for seq in range(6)]
    for one in frames:
        keep(one)
    # Repeated, lost, late, too large for the nudge: the log fills in.
    for seq, small in [(0, True), (0, True), (2, True), (1, True), (4, False), (5, True)]:
        tell(conversation, frames[seq], small=small)
    received = [await socket.receive() for _ in range(6)]
    assert [one["seq"] for one in received] == [0, 1, 2, 3, 4, 5]


async def test_reading_after_a_position_sends_what_is_missing_and_follows_on(
    connect: Connect, alice: User, conversation: Conversation, running: Response
) -> None:
    for seq in range(4):
        keep(frame(running, seq))
    socket = await connect(alice, conversation)
    await socket.hello()
    tell(conversation, frame(running, 3))
    await socket.send({"type": "response.read", "response": str(running.pk), "epoch": 1, "after": 1})
    assert [(await socket.receive())["seq"] for _ in range(2)] == [2, 3]
    keep(frame(running, 4))
    tell(conversation, frame(running, 4))
    assert (await socket.receive())["seq"] == 4


async def test_a_hole_in_the_log_sends_the_client_back_to_the_rows(
    connect: Connect, alice: User, conversation: Conversation, running: Response
) -> None:
    keep(frame(running, 7))
    socket = await connect(alice, conversation)
    await socket.hello()
    await socket.send({"type": "response.read", "response": str(running.pk), "epoch": 1, "after": 2})
    assert await socket.receive() == {"type": "resync"}


async def test_a_flood_overflows_the_mailbox_and_nothing_is_lost(
    connect: Connect, alice: User, conversation: Conversation, running: Response
) -> None:
    socket = await connect(alice, conversation)
    await socket.hello()
    total = hub.MAILBOX_SIZE * 3
    for seq in range(total):
        keep(frame(running, seq))
        tell(conversation, frame(running, seq))
    assert [(await socket.receive_until("frame"))["seq"] for _ in range(total)] == list(range(total))


async def test_a_client_that_has_just_left_is_no_error() -> None:
    async def gone(_: Json) -> None:
        raise ConnectionResetError

    consumer = ConversationConsumer()
    consumer.base_send = gone
    await consumer._say({"type": "pong"})


async def test_a_socket_that_is_closed_gives_up_once(caplog: pytest.LogCaptureFixture) -> None:
    async def say_more() -> None:
        raise RuntimeError("Unexpected ASGI message 'websocket.send', after sending 'websocket.close'.")

    consumer = ConversationConsumer()
    consumer.refused = True
    await consumer._guard(say_more)
    assert not caplog.records

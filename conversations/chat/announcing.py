"""Tells everyone who watches a conversation what has changed in it, after the commit."""

from django.db import transaction

from conversations import bus
from conversations.chat import computer_shapes, shapes, snapshots
from conversations.models import ComputerRun, Conversation, Response, ToolCall, Turn


def announce_conversation(row: Conversation) -> None:
    """Tell everyone who watches of a change to the conversation itself."""
    news = {"type": "conversation", "conversation": shapes.conversation(row)}
    transaction.on_commit(lambda: bus.publish(bus.conversation_channel(row.pk), news))


def announce_turn(turn: Turn) -> None:
    """Tell everyone who watches, with the rows as they are after the commit."""
    channel = bus.conversation_channel(turn.conversation_id)

    transaction.on_commit(lambda: bus.publish(channel, {"type": "turn", "turn": snapshots.announced(turn)}))


def announce_first(response: Response, text: str, files: list[shapes.Json]) -> None:
    """The same of a turn that was added just now, from what is known of it."""
    turn = response.chat_turn
    news = {"type": "turn", "turn": shapes.turn(turn, [response], text, files)}
    transaction.on_commit(lambda: bus.publish(bus.conversation_channel(turn.conversation_id), news))


def announce_call(call: ToolCall) -> None:
    """Tell everyone who watches, with the row as it is now."""
    channel = bus.conversation_channel(call.response.chat_turn.conversation_id)
    news = {"type": "call.changed", "call": shapes.call(call)}
    transaction.on_commit(lambda: bus.publish(channel, news))


def announce_computer(run: ComputerRun) -> None:
    """Tell everyone who watches, with the run and its steps as they are after the commit."""
    channel = bus.conversation_channel(run.conversation_id)

    def tell() -> None:
        row = ComputerRun.objects.select_related("stopped_by", "hand_of").get(pk=run.pk)
        if row.browser is not None:
            bus.publish(bus.browser_channel(row.browser), {})
        bus.publish(channel, {"type": "computer.changed", "run": computer_shapes.run(row)})

    transaction.on_commit(tell)

"""The tree of responses: forks, bounds, and what belongs to whose."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from conversations import clock
from conversations.models import Conversation, Item, Response, Team, User
from conversations.models.responses import Direction, History, Origin, Status
from conversations.stored import chains, consequences, items
from conversations.stored.chains import Node
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db


def link(conversation: Conversation, previous: Response | None = None, **fields: Any) -> Response:
    """A response that ended, as an import would leave it."""
    given: dict[str, Any] = {
        "origin": Origin.IMPORT,
        "team": conversation.team,
        "endpoint": conversation.deployment.endpoint,
        "deployment": conversation.deployment,
        "previous": previous,
        "response_id": f"resp_{uuid4().hex}",
        "status": Status.COMPLETED,
        "upstream_state": "stored",
        "queued_at": clock.now(),
        "ended_at": clock.now(),
    }
    return Response.objects.create(**(given | fields))


def run(conversation: Conversation, previous: Response | None, length: int) -> list[Response]:
    made: list[Response] = []
    for _ in range(length):
        made.append(link(conversation, made[-1] if made else previous))
    return made


def flat(node: Node) -> list[Response]:
    nodes = [node, *node.then]
    return [one.row for one in nodes] + [row for fork in nodes[-1].forks for row in flat(fork)]


def hidden(node: Node) -> int:
    nodes = [node, *node.then]
    return sum(one.more for one in nodes) + sum(hidden(fork) for fork in nodes[-1].forks)


def test_the_tree_has_what_came_before_what_follows_and_the_forks(conversation: Conversation) -> None:
    first, second, third = run(conversation, None, 3)
    fork = link(conversation, first)
    tree = chains.tree(second, Response.objects.all())
    assert [node.row for node in (tree.root, *tree.root.then)] == [first]
    assert [[node.row for node in (one, *one.then)] for one in tree.root.forks] == [[second, third], [fork]]
    assert tree.root.forks[0].current
    assert (tree.earlier, hidden(tree.root), tree.cut) == (0, 0, False)
    assert chains.ancestors(third) == [second.pk, first.pk]
    assert sorted(chains.descendants(first)) == sorted([second.pk, third.pk, fork.pk])


def test_a_long_chain_is_cut_on_both_sides_and_says_how_much_is_left_out(conversation: Conversation) -> None:
    made = run(conversation, None, 300)
    tree = chains.tree(made[150], Response.objects.all())
    shown = flat(tree.root)
    assert made[150] in shown
    assert len(shown) <= chains.SHOWN
    assert tree.earlier + len(shown) + hidden(tree.root) == 300


def test_many_forks_are_cut_and_counted_and_the_way_to_the_current_stays(conversation: Conversation) -> None:
    root = link(conversation)
    forks = [link(conversation, root) for _ in range(100)]
    last = link(conversation, forks[-1])
    tree = chains.tree(last, Response.objects.all())
    shown = flat(tree.root)
    assert {root, forks[-1], last} <= set(shown)
    assert len(shown) + hidden(tree.root) == 102


def test_others_are_left_out(conversation: Conversation) -> None:
    first = link(conversation, team=Team.objects.create(name="Elsewhere"))
    second, third = run(conversation, first, 2)
    link(conversation, third, team=first.team)
    tree = chains.tree(third, Response.objects.filter(team=conversation.team))
    assert flat(tree.root) == [second, third]
    assert (tree.earlier, hidden(tree.root)) == (1, 1)


def test_held_ones_are_marked(conversation: Conversation, alice: User) -> None:
    row = link(conversation)
    row.holds.create(reason="A case", placed_by=alice, starts_at=clock.now() - timedelta(days=1))
    assert chains.tree(row, Response.objects.all()).root.row.held  # type: ignore[attr-defined]


def say(response: Response, direction: Direction, *payloads: dict[str, Any]) -> None:
    Item.objects.bulk_create(
        Item(response=response, direction=direction, position=position, **items.columns(payload))
        for position, payload in enumerate(payloads)
    )


def test_the_context_is_the_chain_and_the_own_input(conversation: Conversation) -> None:
    first = add_response(conversation)
    second = add_response(conversation, previous=first, history=History.CHAINED)
    said: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    said["content"] = [{"type": "output_text", "text": "An answer"}]
    thought = {"id": "rs_1", "type": "reasoning", "summary": []}
    say(first, Direction.INPUT, items.message("One"))
    say(first, Direction.OUTPUT, thought, said)
    say(second, Direction.INPUT, items.message("Two"))
    assert chains.context_of(second) == [items.message("One"), thought, said, items.message("Two")]
    Response.objects.filter(pk=second.pk).update(history=History.REBUILT)
    texts = [items.text_of(one) for one in chains.context_of(second)]
    assert texts == ["One", "An answer", "Two"]
    assert not [one for one in chains.context_of(second) if "id" in one]


def test_the_input_of_an_imported_one_is_its_whole_context(conversation: Conversation) -> None:
    first = add_response(conversation, ("One", "An answer"))
    second = link(conversation, first, history=History.CHAINED)
    say(second, Direction.INPUT, items.message("One"), items.message("An answer"), items.message("Two"))
    assert [items.text_of(one) for one in chains.context_of(second)] == ["One", "An answer", "Two"]


def test_what_hangs_on_a_response_is_told_before_it_goes(conversation: Conversation, alice: User) -> None:
    first, second, third = run(conversation, None, 3)
    fork = link(conversation, second, upstream_state="deleted")
    second.holds.create(reason="A case", placed_by=alice, starts_at=clock.now() - timedelta(days=1))
    told = consequences.of(second, Response.objects.all())
    assert sorted(row.pk for row in told.next) == sorted([third.pk, fork.pk])
    assert (told.chained, told.later, told.earlier) == (2, 2, 1)
    assert (told.copies, told.copies_count) == ([third], 1), "what was deleted contains nothing any more"
    assert [hold.reason for hold in told.holds] == ["A case"]
    assert consequences.of(first, Response.objects.none()).next == []


def test_other_attempts_at_the_same_message_contain_the_same_text(conversation: Conversation) -> None:
    first = add_response(conversation, response_id="resp_1", upstream_state="stored")
    again = link(conversation, None, turn=first.turn, attempt=2)
    told = consequences.of(first, Response.objects.all())
    assert (told.copies, told.copies_count, told.later) == ([again], 1, 0)

"""What a worker writes, and that only the one that holds the claim does."""

import threading
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection

from conversations.chat import keeping, ledger, turns
from conversations.chat.ledger import ClaimLost, End, Job
from conversations.models import Conversation, Response, Turn, User
from conversations.models.responses import Direction, Status, UpstreamState

pytestmark = pytest.mark.django_db

USAGE = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 400},
    "output_tokens": 100,
    "output_tokens_details": {"reasoning_tokens": 60},
}
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Four."}],
}


@pytest.fixture
def worker(db: None) -> UUID:
    return ledger.register_worker()


@pytest.fixture
def turn(alice: User, conversation: Conversation) -> Turn:
    return send(alice, conversation)


@pytest.fixture
def job(turn: Turn, worker: UUID) -> Job:
    return claimed(turn, worker)


def send(user: User, conversation: Conversation) -> Turn:
    return turns.send_message(user, conversation.pk, client_key=uuid4(), text="What is 2 + 2?", tip=None)


def claimed(turn: Turn, worker: UUID) -> Job:
    job = ledger.claim(turn.responses.get().pk, worker)
    assert job is not None
    return job


def row(job: Job) -> Response:
    return Response.objects.get(pk=job.response.pk)


def completed() -> End:
    return End(Status.COMPLETED, [ANSWER], {"usage": USAGE})


def test_only_one_worker_gets_a_response(turn: Turn, worker: UUID) -> None:
    response = turn.responses.get()
    assert ledger.claim(response.pk, worker) is not None
    assert ledger.claim(response.pk, ledger.register_worker()) is None


def test_a_stopped_one_is_not_claimed(alice: User, turn: Turn, worker: UUID) -> None:
    response = turn.responses.get()
    turns.request_stop(alice, response.pk)
    assert ledger.claim(response.pk, worker) is None


def test_the_request_says_what_the_row_says(job: Job, alice: User) -> None:
    assert job.request == {
        "model": "gpt-5.1",
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "What is 2 + 2?"}],
            }
        ],
        "store": True,
        "metadata": {"run_id": str(job.response.pk)},
        "stream_options": {"include_obfuscation": False},
        "safety_identifier": keeping.identifier_of(alice),
    }


def test_from_the_claim_on_an_unknown_id_is_counted_with_its_expiry(job: Job) -> None:
    unknown = row(job)
    assert (unknown.upstream_state, unknown.response_id) == (UpstreamState.NOT_LEARNED, None)
    assert unknown.expires_at is not None
    assert unknown.key_alias == "env:AZURE_OPENAI_API_KEY"


def test_the_id_is_written_as_soon_as_it_is_learned(job: Job) -> None:
    ledger.learn(job, {"id": "resp_1", "model": "gpt-5.1-2025-11-13"}, {"x-request-id": "r1"})
    learned = row(job)
    assert (learned.response_id, learned.model) == ("resp_1", "gpt-5.1-2025-11-13")
    assert learned.upstream_state == UpstreamState.UNKNOWN


def test_the_end_has_usage_cost_and_items(job: Job) -> None:
    ledger.learn(job, {"id": "resp_1"}, {})
    receipt = ledger.end(job, completed())
    ended = row(job)
    assert (ended.input_tokens, ended.cached_tokens) == (1000, 400)
    assert (ended.output_tokens, ended.reasoning_tokens) == (100, 60)
    assert ended.cost == Decimal("0.002000")  # 1000 at 1 and 100 at 10 per million
    assert ended.items.get(direction=Direction.OUTPUT).text == "Four."
    assert (receipt["status"], receipt["usage"]["estimated"]) == ("completed", False)


def test_an_end_without_a_count_is_estimated_and_says_so(job: Job) -> None:
    receipt = ledger.end(job, End(Status.CANCELLED, [ANSWER]))
    assert receipt["usage"] == {
        "input_tokens": 3,
        "cached_tokens": 0,
        "output_tokens": 1,
        "reasoning_tokens": 0,
        "estimated": True,
    }


def test_what_was_refused_is_not_stored_and_expires_never(job: Job) -> None:
    refused = End(Status.FAILED, [], upstream_state=UpstreamState.NOT_STORED)
    assert ledger.end(job, refused)["expires_at"] is None


def test_an_end_without_anything_costs_nothing_known(job: Job) -> None:
    assert ledger.end(job, End(Status.FAILED, []))["usage"] is None


@pytest.mark.parametrize(
    "write",
    [
        lambda job: ledger.learn(job, {"id": "resp_1"}, {}),
        lambda job: ledger.checkpoint(job, {"epoch": 1, "seq": 0, "state": {}}),
        lambda job: ledger.end(job, completed()),
    ],
    ids=["learn", "checkpoint", "end"],
)
def test_nothing_is_written_without_the_claim(job: Job, write: Callable[[Job], object]) -> None:
    Response.objects.update(claim=uuid4())
    before = list(Response.objects.values())
    with pytest.raises(ClaimLost):
        write(job)
    assert list(Response.objects.values()) == before
    assert not job.response.items.filter(direction=Direction.OUTPUT).exists()


def test_a_checkpoint_tells_of_a_stop(alice: User, job: Job) -> None:
    assert ledger.checkpoint(job, {"epoch": 1, "seq": 0, "state": {}}) is False
    turns.request_stop(alice, job.response.pk)
    assert ledger.checkpoint(job, None) is True


@pytest.mark.django_db(transaction=True)
def test_a_message_sent_at_the_moment_of_the_end_never_waits_for_ever(
    alice: User, conversation: Conversation, worker: UUID
) -> None:
    for _ in range(15):
        first = claimed(send(alice, conversation), worker)
        start = threading.Barrier(2)

        def answer(job: Job = first, start: threading.Barrier = start) -> None:
            start.wait()
            ledger.end(job, completed())
            connection.close()

        ending = threading.Thread(target=answer)
        ending.start()
        start.wait()
        second = send(alice, conversation)
        ending.join()
        assert second.responses.get().status == Status.QUEUED
        ledger.end(claimed(second, worker), completed())

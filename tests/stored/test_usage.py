"""The daily figures: whatever happens, they are what a fresh count of the ledger says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations import clock
from conversations.chat import ledger, turns
from conversations.chat.ledger import End, Job
from conversations.models import (
    Conversation,
    DailyUsage,
    Deletion,
    Response,
    StoredPerDay,
    User,
)
from conversations.models.responses import Status, UpstreamState
from conversations.people import audit
from conversations.responses_api import NotFound, ResponsesAPIError, Unreachable
from conversations.stored import booking, claims, deleting
from conversations.stored.noting import Said, note
from conversations.stored.usage import Key
from conversations.stored.verdicts import Answer
from tests.stored.figures import fresh, kept
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db

USAGE = {"input_tokens": 1000, "input_tokens_details": {"cached_tokens": 400}, "output_tokens": 100}
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Four."}],
}
MISSING = NotFound("No such response", kind="response_not_found", status=404)
FAILURE = {"kind": "rate_limited", "summary": "Too many"}


def alone(function: Callable[..., Any], *args: Any) -> None:
    """On a thread, with a connection of its own."""
    try:
        function(*args)
    finally:
        connection.close()


def fork(who: "Ledger") -> Job:
    """A running answer in a conversation of its own, so that nothing but the figures is shared."""
    who.conversation = turns.start_conversation(who.user, client_key=uuid4())[0]
    return who.job()


class Ledger:
    """A person, a worker and what they may do to responses, drawn at random."""

    def __init__(self, user: User, conversation: Conversation) -> None:
        self.user = user
        self.conversation = conversation
        self.worker = ledger.register_worker()

    def send(self) -> Response:
        turn = turns.send_message(
            self.user, self.conversation.pk, client_key=uuid4(), text="What is 2 + 2?", tip=None
        )
        return turn.responses.get()

    def job(self) -> Job:
        job = ledger.claim(self.send().pk, self.worker)
        assert job is not None
        return job

    def answer(self, status: Status, state: UpstreamState, waited: float | None, failed: bool) -> Response:
        job = self.job()
        if state != UpstreamState.NOT_LEARNED:
            ledger.learn(job, {"id": f"resp_{uuid4().hex}"}, {})
        began = Response.objects.get(pk=job.response.pk).queued_at
        first = None if waited is None else began + timedelta(seconds=waited)
        usage = {"usage": USAGE} if status == Status.COMPLETED else {}
        error = FAILURE if failed else None
        end = End(status, [ANSWER], usage, error=error, upstream_state=state, first_delta_at=first)
        ledger.end(job, end)
        return Response.objects.get(pk=job.response.pk)

    def stop_one_that_waits(self) -> None:
        turns.request_stop(self.user, self.send().pk)

    def delete(self, response: Response, error: ResponsesAPIError | None, read_back: bool | None) -> None:
        if deleting.obstacle(response):
            return
        actor = audit.person(self.user)
        row = deleting.request(response, user=self.user, actor=actor, reason="Asked to")
        (claimed,) = claims.claim_one(row)
        booking.book([(claimed, said(error))])
        Deletion.objects.filter(pk=row.pk, due_at__isnull=False).update(due_at=clock.now())
        for back in claims.claim_one(row):
            if back.reads_back and read_back is not None:
                booking.book([(back, said(None if read_back else MISSING, back.request))])


def said(error: ResponsesAPIError | None, request: str = "delete") -> Answer:
    status, body = (error.status, error.body) if error else (200, {"deleted": True})
    return Answer(request=request, at=clock.now(), status=status, body=body, error=error)


ENDS = st.tuples(
    st.just("answer"),
    st.sampled_from([Status.COMPLETED, Status.INCOMPLETE, Status.FAILED, Status.INTERRUPTED]),
    st.sampled_from(
        [
            UpstreamState.STORED,
            UpstreamState.UNKNOWN,
            UpstreamState.NOT_LEARNED,
            UpstreamState.NOT_STORED,
        ]
    ),
    st.sampled_from([None, 0.1, 0.25, 0.4, 0.9, 1.5, 3, 7, 9]),
    st.booleans(),
)
FINDINGS = st.tuples(
    st.just("found"),
    st.integers(0, 9),
    st.sampled_from(Said),
    st.sampled_from([timedelta(days=days) for days in (0, 1, 31)]),
)
DELETES = st.tuples(
    st.just("delete"),
    st.integers(0, 9),
    st.sampled_from([None, MISSING, Unreachable("Nobody answers"), ResponsesAPIError("No", kind="bad")]),
    st.sampled_from([None, True, False]),
)
STEPS = st.one_of(
    ENDS,
    FINDINGS,
    DELETES,
    st.tuples(st.just("stop")),
)


def take(step: tuple[Any, ...], who: Ledger, ended: list[UUID]) -> None:
    name, *rest = step
    if name == "answer":
        ended.append(who.answer(*rest).pk)
    elif name == "stop":
        who.stop_one_that_waits()
    elif ended:
        response = Response.objects.get(pk=ended[rest[0] % len(ended)])
        if name == "found" and response.response_id:
            said, later = rest[1:]
            note(response, said, clock.now() + later)
        elif name == "delete":
            who.delete(response, *rest[1:])


@pytest.mark.django_db(transaction=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_after_any_history_the_figures_are_what_a_fresh_count_says(
    alice: User, conversation: Conversation, steps: list[tuple[Any, ...]]
) -> None:
    who, ended = Ledger(alice, conversation), list[UUID]()
    for step in steps:
        take(step, who, ended)
    assert kept() == fresh()


def test_an_answer_costs_two_more_statements(alice: User, conversation: Conversation) -> None:
    who = Ledger(alice, conversation)
    who.answer(Status.COMPLETED, UpstreamState.STORED, 0.3, failed=False)
    job = who.job()
    ledger.learn(job, {"id": "resp_1"}, {})
    asked: list[str] = []

    def ask(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    # By a wrapper, since the database's driver doesn't tell of a prepared statement afterwards.
    with connection.execute_wrapper(ask):
        ledger.end(
            job, End(Status.COMPLETED, [ANSWER], {"usage": USAGE}, upstream_state=UpstreamState.STORED)
        )
    ours = [sql for sql in asked if "daily" in sql or "storedperday" in sql]
    assert [sql.split()[0] for sql in ours] == ["UPDATE", "UPDATE"]


def test_a_day_has_tokens_cost_and_first_words(alice: User, conversation: Conversation) -> None:
    who = Ledger(alice, conversation)
    for waited in (0.3, 0.4, 3, None):
        who.answer(Status.COMPLETED, UpstreamState.STORED, waited, failed=False)
    day = DailyUsage.objects.get()
    assert (day.completed, day.input_tokens, day.cached_tokens, day.output_tokens) == (4, 4000, 1600, 400)
    assert day.cost == Decimal("0.008")
    assert (day.first_500ms, day.first_4s, day.first_250ms, day.first_later) == (2, 1, 0, 0)
    stored = StoredPerDay.objects.get()
    assert (stored.responses, stored.unlearned) == (4, 0)
    assert stored.size == sum(Response.objects.values_list("size", flat=True))


def test_days_are_those_of_utc(alice: User, conversation: Conversation) -> None:
    late = datetime.fromisoformat("2026-03-01T01:30:00+05:00")
    row = add_response(conversation)
    assert Key.of(row, late).day == datetime(2026, 2, 28, tzinfo=UTC).date()


def test_the_figures_can_be_counted_anew(alice: User, conversation: Conversation) -> None:
    who = Ledger(alice, conversation)
    who.answer(Status.FAILED, UpstreamState.NOT_LEARNED, None, failed=True)
    expected = kept()
    DailyUsage.objects.update(failed=7)
    StoredPerDay.objects.all().delete()
    call_command("rebuild_usage")
    assert kept() == expected == fresh()


@pytest.mark.django_db(transaction=True)
def test_answers_that_end_at_once_are_all_counted(alice: User, conversation: Conversation) -> None:
    jobs = [fork(Ledger(alice, conversation)) for _ in range(8)]
    end = End(Status.COMPLETED, [ANSWER], {"usage": USAGE}, upstream_state=UpstreamState.UNKNOWN)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: alone(ledger.end, job, end), jobs))
    assert DailyUsage.objects.get().completed == 8
    assert kept() == fresh()

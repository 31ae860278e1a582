"""Gives a fresh demo a month of history: everybody does in it what people do, through the same functions,
while our clock and the emulator's stand where the thread is. Upstream and the ledger have the same past.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from conversations import clock
from conversations.chat import runner, turns
from conversations.demo import desk, tools
from conversations.demo.threads import THREADS, Say, Thread
from conversations.demo.upstream import Upstream
from conversations.loop import worker_loop
from conversations.models import Conversation, Deployment, Endpoint, Response, Turn, User, Worker
from conversations.models.conversations import Visibility
from conversations.people.demo import make_colleagues, price_deployments

RETRIED_AFTER = timedelta(minutes=1)
STOP_PATIENCE_SECONDS = 20
LATE_STOP = "stall=40"


@dataclass(frozen=True, order=True)
class Moment:
    at: datetime
    thread: int
    number: int


def moments(now: datetime) -> list[Moment]:
    """Every message of every thread, oldest first."""
    return sorted(moment for number in range(len(THREADS)) for moment in _of(number, now))


def _of(number: int, now: datetime) -> Iterator[Moment]:
    thread = THREADS[number]
    hour, minute = map(int, thread.at.split(":"))
    begun = (now - timedelta(days=thread.days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    for position, say in enumerate(thread.says):
        begun += timedelta(minutes=say.after, seconds=7 * position)
        yield Moment(begun, number, position)


class History:
    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.upstream = Upstream.of(endpoint)
        self.now = clock.now()
        self.workers = set(Worker.objects.values_list("pk", flat=True))

    def tell(self) -> int:
        """How many messages were sent."""
        told = moments(self.now)
        with clock.restored(), self.upstream.hurried():
            self.move(told[0].at - timedelta(hours=1))
            make_colleagues()
            self._deployments()
            deeds = desk.deeds(self.now)
            for moment in told:
                while deeds and deeds[0].at < moment.at:
                    self.do(deeds.pop(0))
                self.say(moment)
            for deed in deeds:
                self.do(deed)
        Worker.objects.exclude(pk__in=self.workers).delete()
        return len(told)

    def move(self, at: datetime) -> None:
        clock.set_to(at)
        self.upstream.set_clock(at)

    def do(self, deed: desk.Deed) -> None:
        self.move(deed.at)
        deed.do(self.upstream, conversation_of(THREADS[deed.thread]))

    def say(self, moment: Moment) -> None:
        thread = THREADS[moment.thread]
        say = thread.says[moment.number]
        self.move(moment.at)
        if thread.tools:
            tools.switch_on()
        conversation, person = self._begun(thread), User.objects.get(username=say.by or thread.owner)
        last = conversation.turns.order_by("number").last()
        turn = turns.send_message(
            person,
            conversation.pk,
            client_key=key_of(thread, moment.number),
            text=say.text,
            tip=last.pk if last else None,
        )
        self._answer(turn.responses.get(), person, say, moment.at)
        if say.again:
            self._again(turn, person, thread, moment)

    def _begun(self, thread: Thread) -> Conversation:
        deployment = Deployment.objects.get(endpoint=self.endpoint, name=thread.deployment)
        return turns.start_conversation(
            User.objects.get(username=thread.owner),
            client_key=key_of(thread),
            deployment=deployment.pk,
            instructions=thread.instructions,
            visibility=Visibility.PRIVATE if thread.private else Visibility.TEAM,
            background=thread.background or None,
        )[0]

    def _again(self, turn: Turn, person: User, thread: Thread, moment: Moment) -> None:
        at = moment.at + RETRIED_AFTER
        self.move(at)
        response = turns.retry_turn(person, turn.pk, client_key=key_of(thread, moment.number, "again"))
        self._answer(response, person, Say(""), at)

    def _answer(self, response: Response, person: User, say: Say, at: datetime) -> None:
        if say.stop == "early":
            turns.request_stop(person, response.pk)
            return
        clock.set_to(at + thinking(response))
        if say.fault or say.stop:
            self.upstream.fault(say.fault or LATE_STOP)
        running = asyncio.run_coroutine_threadsafe(runner.run(response.pk), worker_loop().loop)
        if say.stop:
            _wait_for_words(response)
            turns.request_stop(person, response.pk)
        running.result(STOP_PATIENCE_SECONDS)
        following = tools.next_round(response)
        if following is not None:
            self._answer(following, person, Say(""), clock.now())

    def _deployments(self) -> None:
        known = set(Deployment.objects.filter(endpoint=self.endpoint).values_list("name", flat=True))
        for name in sorted({thread.deployment for thread in THREADS} - known):
            Deployment.objects.create(endpoint=self.endpoint, name=name, title=name)
        price_deployments()


def thinking(response: Response) -> timedelta:
    """From sending to the first words; mostly a second, sometimes several."""
    number = response.chat_turn.number
    drawn = Random(f"{response.chat_turn.conversation.client_key}{number}{response.attempt}")  # noqa: S311
    return timedelta(seconds=min(drawn.lognormvariate(-0.1, 0.7), 14))


def _wait_for_words(response: Response) -> None:
    deadline = time.monotonic() + STOP_PATIENCE_SECONDS
    while not Response.objects.filter(pk=response.pk, response_id__isnull=False).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{response} has no words to stop")
        time.sleep(0.02)
    time.sleep(0.3)


def key_of(thread: Thread, *part: object) -> UUID:
    return uuid5(NAMESPACE_URL, ":".join(map(str, ("responses-ui-demo", thread.name, *part))))


def conversation_of(thread: Thread) -> Conversation:
    return Conversation.objects.get(client_key=key_of(thread))


def is_told() -> bool:
    return Response.objects.exists()

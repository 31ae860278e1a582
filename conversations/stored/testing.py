"""Tests a deployment: tries each feature with a small request and keeps what upstream said of it.

test = begin(deployment, by=user, actor=actor)
run(test.pk)                       # in a worker; its progress is in the row

What was found goes before all that is written about the deployment's model and API version.
"""

import logging
from typing import Any
from uuid import UUID

from django.conf import settings

from conversations import clock
from conversations.loop import WorkerLoop, worker_loop
from conversations.models import Deployment, DeploymentTest, Trial, User
from conversations.models.audit import Action
from conversations.models.imports import UNFINISHED, JobStatus
from conversations.people.audit import Actor, audited, record
from conversations.responses_api import (
    BadRequest,
    ContentFiltered,
    ContextTooLong,
    NotFound,
    ResponsesAPI,
    ResponsesAPIError,
    Timeouts,
)
from conversations.stored import leases, probes
from conversations.stored.endpoints import address_of

WORDS_MAX = 500
REASONING, EFFORT = "reasoning", "effort:"

logger = logging.getLogger(__name__)


def begin(deployment: Deployment, *, by: User | None, actor: Actor) -> DeploymentTest:
    """The one that runs already, where there is one."""
    return running(deployment) or DeploymentTest.objects.create(
        deployment=deployment,
        by=by,
        actor=actor.text,
        status=JobStatus.RUNNING,
        created_at=clock.now(),
        total=len(probes.FEATURES),
    )


def running(deployment: Deployment) -> DeploymentTest | None:
    return DeploymentTest.objects.filter(deployment=deployment, status__in=UNFINISHED).first()


def last(deployment: Deployment) -> DeploymentTest | None:
    return DeploymentTest.objects.filter(deployment=deployment).first()


def run(key: UUID) -> bool:
    """To its end; False where another process does, or nothing is left. Raises GivenUp."""
    token = leases.claim(DeploymentTest.objects.all(), key)
    if token is None:
        return False
    row = DeploymentTest.objects.select_related("deployment__endpoint").get(pk=key)
    home = worker_loop()
    testing = Testing(home, row, token)
    try:
        with leases.handed_over(DeploymentTest.objects.all(), key, token):
            trouble = home.run(testing.go())
        testing.end(trouble)
    except leases.LeaseLost as lost:
        logger.warning("Test of a deployment left to others: %s", lost)
    return True


class Testing:
    def __init__(self, home: WorkerLoop, row: DeploymentTest, token: UUID) -> None:
        self.home = home
        self.row = row
        self.token = token
        self.found: dict[str, bool | None] = {}
        self.tokens = 0

    async def go(self) -> str:
        """Why nothing could be learned, empty where something was."""
        seconds = settings.DESK_UPSTREAM_SECONDS
        async with ResponsesAPI(Timeouts(read=seconds, total=seconds)) as api:
            for feature in probes.FEATURES:
                error = await self._try(api, feature)
                if error is not None and not self.found:
                    return f"{error.summary} {error.advice}"
                await self.home.write(self._book, feature, error)
        await self.home.write(self._book_reasoning)
        return ""

    async def _try(self, api: ResponsesAPI, feature: str) -> ResponsesAPIError | None:
        deployment = self.row.deployment
        try:
            answer = await probes.ask(api, address_of(deployment.endpoint), deployment.name, feature)
        except ResponsesAPIError as error:
            return error
        usage = answer.get("usage")
        self.tokens += int(usage.get("total_tokens") or 0) if isinstance(usage, dict) else 0
        return None

    def _book(self, feature: str, error: ResponsesAPIError | None) -> None:
        leases.stay()
        leases.renew(DeploymentTest.objects.all(), self.row.pk, self.token)
        self._keep(feature, verdict(error), "" if error is None else error.message)
        DeploymentTest.objects.filter(pk=self.row.pk).update(done=len(self.found))

    def _book_reasoning(self) -> None:
        """It reasons if it takes any effort."""
        efforts = [works for feature, works in self.found.items() if feature.startswith(EFFORT)]
        if None not in efforts:
            words = Trial.objects.get(deployment=self.row.deployment, feature=f"{EFFORT}medium").words
            self._keep(REASONING, any(efforts), "" if any(efforts) else words)

    def _keep(self, feature: str, works: bool | None, words: str) -> None:
        """What tells neither takes nothing away that was found before."""
        self.found[feature] = works
        told: dict[str, Any] = {
            "works": works,
            "words": words[:WORDS_MAX],
            "tried_at": clock.now(),
            "tried_by": self.row.by,
        }
        write = Trial.objects.get_or_create if works is None else Trial.objects.update_or_create
        write(deployment=self.row.deployment, feature=feature, defaults=told)

    def end(self, trouble: str) -> None:
        counted = [*self.found.values()]
        details = {
            "works": counted.count(True),
            "refused": counted.count(False),
            "unknown": counted.count(None),
            "tokens": self.tokens,
            "trouble": trouble,
        }
        with audited():
            leases.end(DeploymentTest.objects.all(), self.row.pk, self.token, trouble)
            actor = Actor(self.row.actor, self.row.by_id)
            record(Action.DEPLOYMENT_TESTED, actor=actor, subject=self.row.deployment, details=details)


def verdict(error: ResponsesAPIError | None) -> bool | None:
    """None where the answer is about something else: upstream is busy, away, or filters."""
    if error is None:
        return True
    if isinstance(error, ContentFiltered | ContextTooLong):
        return None
    return False if isinstance(error, BadRequest | NotFound) else None

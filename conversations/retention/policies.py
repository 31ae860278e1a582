"""Runs retention policies: the same plans as people make, executed without asking within an approved cap.

Each look at a policy takes one step, so that a plan may be made by another process meanwhile. There is one
run of a policy at a time: one that was stopped, or waits for a second person, is not overtaken.
"""

import logging
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from conversations import clock
from conversations.models import DeletionJob, Response, RetentionPolicy
from conversations.models.deletion_jobs import ENDED, JobState, Source
from conversations.people.audit import Actor, system
from conversations.retention import executing, plans, queue, scope, telling
from conversations.retention.refusing import Refused
from conversations.retention.wanted import Wanted
from conversations.stored import policies
from conversations.stored.holds import is_held
from conversations.stored.policies import BadPolicy
from conversations.stored.selection import Selection

EVERY = timedelta(hours=1)
DRY_EVERY = timedelta(days=1)

logger = logging.getLogger(__name__)


def look_after_all() -> None:
    for policy in RetentionPolicy.objects.filter(enabled=True).order_by("pk"):
        if _is_mine(policy):
            go_on(policy)


def _is_mine(policy: RetentionPolicy) -> bool:
    """Of two processes that look at the same moment one goes on."""
    same = RetentionPolicy.objects.filter(pk=policy.pk, looked_at=policy.looked_at)
    return bool(same.update(looked_at=clock.now()))


def go_on(policy: RetentionPolicy) -> None:
    """The next step of its run, or the beginning of one; what stands in the way is noted."""
    trouble = ""
    try:
        policies.check(policy)
        job = policy.runs.exclude(state__in=ENDED).order_by("-created_at").first() or _begin(policy)
        if job is not None and job.state == JobState.PLANNED:
            _settle(policy, job)
    except (Refused, BadPolicy) as error:
        trouble = str(error)[:300]
        logger.warning("The policy %s stands still: %s", policy, trouble)
        telling.policy_stands_still(policy)
    else:
        telling.policy_goes_on(policy)
    RetentionPolicy.objects.filter(pk=policy.pk).exclude(trouble=trouble).update(trouble=trouble)


def _begin(policy: RetentionPolicy) -> DeletionJob | None:
    """A plan of what is old enough; None where it isn't time, or nothing would go."""
    every = EVERY if policy.is_in_force else DRY_EVERY
    last = policy.runs.order_by("-created_at").values_list("created_at", flat=True).first()
    if last is not None and clock.now() - last < every:
        return None
    wanted = _wanted(policy)
    if not going(policy).exists():
        return None
    job = plans.begin(wanted)
    if plans.is_large(job):
        queue.plan(job.pk)
    else:
        plans.make(job.pk)
    job.refresh_from_db()
    return job


def count_going(policy: RetentionPolicy) -> int:
    """What a run would delete now."""
    return going(policy).order_by().count()


def going(policy: RetentionPolicy) -> QuerySet[Response]:
    selection = _wanted(policy).selection
    asked = DeletionJob(
        source=Source.POLICY,
        policy=policy,
        query=selection.query(keyed=True),
        to_at=selection.to,
        erase=policy.erase,
    )
    return scope.deletable(asked, clock.now()).exclude(is_held())


def _wanted(policy: RetentionPolicy) -> Wanted:
    to = policies.cutoff(policy, clock.now())
    return Wanted(
        source=Source.POLICY,
        actor=actor_of(policy),
        policy=policy,
        selection=Selection(team=policy.team, deployment=policy.deployment, to=to),
        erase=policy.erase,
    )


def actor_of(policy: RetentionPolicy) -> Actor:
    return system(f"policy:{policy.pk}")


def _settle(policy: RetentionPolicy, job: DeletionJob) -> None:
    """Execute a frozen plan, which asks a second person beyond the cap. Where the policy is only tried out,
    or says something else by now, the plan is thrown away; its figures stay.
    """
    actor = actor_of(policy)
    if not policy.is_in_force or job.total == job.held or job.created_at < policy.changed_at:
        executing.discard(job, user=None, actor=actor)
        return
    try:
        reason = _("Policy “%(name)s”: %(sentence)s") % {
            "name": policy.name,
            "sentence": policies.sentence(policy),
        }
        executing.execute(job, plan_hash=job.hash, reason=reason, user=None, actor=actor)
    except Refused:
        # It can't be executed as it stands; the next look makes a new one.
        executing.discard(job, user=None, actor=actor)
        raise

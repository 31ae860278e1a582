"""Which retention policy holds for what: one rule, for runs, for pages and for what members are told."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import clock
from conversations.models import (
    Conversation,
    Deployment,
    Endpoint,
    Response,
    RetentionBounds,
    RetentionPolicy,
    User,
)
from conversations.people import notices
from conversations.people.audit import Actor, audited
from conversations.people.notices import Audience, NoticeKind
from conversations.people.recording import recorded

# What an approval is given for.
APPROVED = ("team_id", "deployment_id", "days", "cap", "erase")


class BadPolicy(ValueError):
    """Why, for people."""


def rank(policy: RetentionPolicy) -> tuple[int, int, int]:
    """The first of those that match is the one that holds: the narrower, then the shorter, then the older."""
    width = (policy.team_id is None) + (policy.deployment_id is None)
    return (width, policy.days, policy.pk or 0)


def winner(
    policies: Iterable[RetentionPolicy], *, team: int | None, deployment: int | None
) -> RetentionPolicy | None:
    """The one that holds for an answer of that team and deployment."""
    matching = [
        policy
        for policy in policies
        if policy.enabled and policy.team_id in (None, team) and policy.deployment_id in (None, deployment)
    ]
    return min(matching, key=rank, default=None)


def governed(policy: RetentionPolicy) -> Q:
    """The responses for which this policy holds. One that is enabled but not approved yet, or only tried out,
    holds too: nothing goes sooner than somebody wanted for it.
    """
    stronger = [one for one in _others(policy) if rank(one) < rank(policy)]
    found = _matched(policy)
    for one in stronger:
        found &= ~_matched(one)
    return found


def _others(policy: RetentionPolicy) -> Iterable[RetentionPolicy]:
    return RetentionPolicy.objects.filter(enabled=True).exclude(pk=policy.pk)


def _matched(policy: RetentionPolicy) -> Q:
    """Not null is said aloud, since what a NULL is compared with would fall out of its negation too."""
    found = Q()
    if policy.team_id is not None:
        found &= Q(team__isnull=False, team=policy.team_id)
    if policy.deployment_id is not None:
        found &= Q(deployment=policy.deployment_id)
    return found


def of_response(response: Response) -> RetentionPolicy | None:
    """The one that deletes it, if any does."""
    return in_force(response.team_id, response.deployment_id)


def of_conversation(conversation: Conversation) -> RetentionPolicy | None:
    """The one that deletes the answers that it gets from its deployment."""
    return in_force(conversation.team_id, conversation.deployment_id)


def in_force(team: int | None, deployment: int | None) -> RetentionPolicy | None:
    found = winner(RetentionPolicy.objects.filter(enabled=True), team=team, deployment=deployment)
    return found if found is not None and found.is_in_force else None


def cutoff(policy: RetentionPolicy, now: datetime) -> datetime:
    """What was answered before that is old enough; a day is 24 hours everywhere."""
    return now - timedelta(days=policy.days)


def bounds() -> RetentionBounds:
    return RetentionBounds.objects.first() or RetentionBounds()


def ceiling(deployment: Deployment | None) -> int:
    """An answer that expires sooner than a policy deletes it would make a promise of nothing."""
    endpoints = Endpoint.objects.filter(pk=deployment.endpoint_id) if deployment else Endpoint.objects.all()
    kept = list(endpoints.values_list("retention_days", flat=True))
    return min([bounds().ceiling_days, *kept])


def check(policy: RetentionPolicy) -> None:
    """BadPolicy where its days lie outside of what is allowed, now."""
    lowest, highest = bounds().floor_days, ceiling(policy.deployment)
    if policy.team_id is None and policy.deployment_id is None:
        raise BadPolicy(_("Name a team, a deployment, or both."))
    if not lowest <= policy.days <= highest:
        raise BadPolicy(
            _("Between %(lowest)d and %(highest)d days are allowed: admins set bounds, and endpoints expire.")
            % {"lowest": lowest, "highest": highest}
        )


def save(policy: RetentionPolicy, *, user: User, actor: Actor) -> None:
    """Whatever changes what it deletes takes the approval away."""
    check(policy)
    with audited():
        before = RetentionPolicy.objects.filter(pk=policy.pk).select_for_update().first()
        if before is None or any(getattr(before, name) != getattr(policy, name) for name in APPROVED):
            policy.approved_by = policy.approved_at = None
            policy.changed_by, policy.changed_at = user, clock.now()
        with recorded(policy, actor=actor):
            policy.save()
        _tell(policy)


def _tell(policy: RetentionPolicy) -> None:
    """Whoever could approve it, once it would delete if they did; of one that is off nothing waits."""
    if not policy.enabled:
        notices.settle(NoticeKind.POLICY_FAILED, subject=policy)
    if not policy.enabled or policy.dry_run or policy.approved_at:
        notices.settle(NoticeKind.POLICY_APPROVAL, subject=policy)
        return
    notices.tell(
        NoticeKind.POLICY_APPROVAL,
        to=Audience.POLICY_SETTERS,
        subject=policy,
        team=policy.team,
        but_not=policy.changed_by,
        facts={"policy": policy.name, "by": policy.changed_by.name},
    )


def approve(policy: RetentionPolicy, *, reason: str, user: User, actor: Actor) -> None:
    """A second person's yes to its runs, up to its cap."""
    check(policy)
    if user.pk == policy.changed_by_id:
        raise BadPolicy(_("You wrote it yourself. A second person with the right to delete must approve it."))
    with recorded(policy, actor=actor, reason=reason):
        now = clock.now()
        same = {name: getattr(policy, name) for name in APPROVED}
        if not RetentionPolicy.objects.filter(pk=policy.pk, approved_at=None, **same).update(
            approved_by=user, approved_at=now
        ):
            raise BadPolicy(_("It was changed or approved meanwhile. Look at it again."))
        notices.settle(NoticeKind.POLICY_APPROVAL, subject=policy, by=user)
    policy.refresh_from_db()


def sentence(policy: RetentionPolicy) -> str:
    """For members."""
    return (
        ngettext(
            "Answers are deleted upstream %d day after they were given.",
            "Answers are deleted upstream %d days after they were given.",
            policy.days,
        )
        % policy.days
    )

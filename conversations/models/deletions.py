"""Deletions upstream: one row each, with every answer of upstream kept as proof."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.deletion_jobs import DeletionJob
from conversations.models.endpoints import Endpoint
from conversations.models.people import User
from conversations.models.responses import Response


class Outcome(models.TextChoices):
    PLANNED = "planned", _("Planned")
    PENDING = "pending", _("Waiting")
    IN_FLIGHT = "in_flight", _("On its way")
    DELETED = "deleted", _("Deleted")
    ALREADY_ABSENT = "already_absent", _("Already absent")
    NOT_VISIBLE = "not_yet_visible", _("Not yet visible")
    HELD = "held", _("Held")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNDECIDED = (Outcome.PENDING, Outcome.IN_FLIGHT, Outcome.NOT_VISIBLE)
GONE = (Outcome.DELETED, Outcome.ALREADY_ABSENT)


class ReadBack(models.TextChoices):
    """Whether upstream, asked again after its settle window, still has it."""

    NONE = "none", _("Not asked")
    PENDING = "pending", _("Waiting")
    CONFIRMED = "confirmed", _("Confirmed absent")
    STILL_THERE = "still_there", _("Still there")


# Upstream refused for good, or still has it.
TROUBLED = Q(outcome=Outcome.FAILED) | Q(read_back=ReadBack.STILL_THERE)


class Deletion(models.Model):
    """One response to be deleted upstream, by itself or as part of a job. `answers` holds what upstream said
    to every request, oldest first; `due_at` is when the next request, of either kind, shall be made.
    `endpoint` is that of the response, so that what is due there is found by an index.
    """

    job = models.ForeignKey(
        DeletionJob,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="deletions",
        db_index=False,  # the indexes below begin with it
    )
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="deletions")
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    held_when_planned = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="deletions_requested"
    )
    actor = models.CharField(max_length=200, help_text=_("Who asked for it, as the audit trail names them."))
    reason = models.CharField(max_length=500, blank=True, help_text=_("Of a job's deletion: the job has it."))
    requested_at = models.DateTimeField()

    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.PENDING)
    explanation = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answers = models.JSONField(default=list, blank=True)

    read_back = models.CharField(max_length=16, choices=ReadBack, default=ReadBack.NONE)
    read_back_at = models.DateTimeField(null=True, blank=True)
    read_back_tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(
                name="deletion_due", fields=["job", "endpoint", "due_at"], condition=Q(due_at__isnull=False)
            ),
            models.Index(name="deletion_troubled", fields=["-requested_at"], condition=TROUBLED),
            models.Index(name="deletion_by_job", fields=["job", "outcome", "id"]),
            models.Index(
                name="deletion_by_decision", fields=["job", "decided_at"], condition=Q(job__isnull=False)
            ),
            models.Index(
                name="deletion_read_back",
                fields=["job", "read_back"],
                condition=Q(job__isnull=False) & ~Q(read_back="none"),
            ),
            models.Index(name="deletion_by_time", fields=["-requested_at", "-id"]),
        ]
        constraints = [
            models.UniqueConstraint(name="response_once_per_job", fields=["job", "response"]),
            models.UniqueConstraint(
                name="one_undecided_deletion", fields=["response"], condition=Q(outcome__in=UNDECIDED)
            ),
            models.CheckConstraint(name="deletion_outcome_is_known", condition=Q(outcome__in=Outcome.values)),
            models.CheckConstraint(name="read_back_is_known", condition=Q(read_back__in=ReadBack.values)),
            models.CheckConstraint(
                name="deletion_has_a_reason", condition=~Q(reason="") | Q(job__isnull=False)
            ),
            models.CheckConstraint(
                name="planned_means_of_a_job", condition=~Q(outcome=Outcome.PLANNED) | Q(job__isnull=False)
            ),
            models.CheckConstraint(
                name="decided_means_a_decision",
                condition=Q(outcome__in=[Outcome.PLANNED, *UNDECIDED]) ^ Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="in_flight_means_sent",
                condition=~Q(outcome=Outcome.IN_FLIGHT) | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="what_is_undecided_is_due", condition=~Q(outcome__in=UNDECIDED) | Q(due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"deletion {self.pk}"

    @property
    def is_decided(self) -> bool:
        return self.outcome not in (Outcome.PLANNED, *UNDECIDED)

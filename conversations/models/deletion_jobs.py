"""Bulk deletions: a plan that is frozen, then executed; its deletions are its queue and its report."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.own_deletions import OwnDeletion
from conversations.models.people import User
from conversations.models.policies import RetentionPolicy
from conversations.models.responses import Response


class Source(models.TextChoices):
    """What the plan was made from. The first and the expiring have bounds in time; the others name what they
    mean.
    """

    SELECTION = "selection", _("A selection at the desk")
    CONVERSATION = "conversation", _("A conversation")
    PERSON = "person", _("A person")
    TREE = "tree", _("A whole tree")
    BRANCH = "branch", _("A response and what follows it")
    EXPIRING = "expiring", _("What expires soon")
    POLICY = "policy", _("A retention policy")
    OWN = "own", _("A member's own delete")


class JobState(models.TextChoices):
    PLANNING = "planning", _("Being planned")
    PLANNED = "planned", _("Planned")
    WAITING = "waiting", _("Waiting for a second person")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    HALTED = "halted", _("Stopped by itself")
    READING_BACK = "reading_back", _("Reading back")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Planning failed")


# Nothing of it has been sent yet, and its rows may still be thrown away.
BEFORE_EXECUTION = (JobState.PLANNING, JobState.PLANNED, JobState.WAITING)
# Executed, with something left to send or to read back.
UNDER_WAY = (JobState.RUNNING, JobState.PAUSED, JobState.HALTED, JobState.READING_BACK)
ENDED = (JobState.DONE, JobState.CANCELLED, JobState.FAILED)


class DeletionJob(models.Model):
    """A plan and its execution. Until it is executed its deletions have the outcome `planned`.

    `query` is a selection as addresses have it, with days turned into times; `root` belongs to a tree or a
    branch. `from_at` and `to_at` are the query's bounds: of expiry where only that has both, else of asking.
    `hash` covers what was asked for and every row of the frozen plan.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.CharField(max_length=16, choices=Source)
    query = models.TextField(blank=True)
    root = models.ForeignKey(
        Response,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("first response"),
    )
    policy = models.ForeignKey(
        RetentionPolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    own = models.ForeignKey(OwnDeletion, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs")
    from_at = models.DateTimeField(_("from"), null=True, blank=True)
    to_at = models.DateTimeField(_("to"), null=True, blank=True)
    everything = models.BooleanField(
        default=False, help_text=_("Asked for by name, instead of bounds in time.")
    )
    erase = models.BooleanField(
        _("erases here, too"), default=False, help_text=_("Whether the text here goes as well.")
    )

    state = models.CharField(max_length=16, choices=JobState, default=JobState.PLANNING)
    planned_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs_planned"
    )
    actor = models.CharField(max_length=200, help_text=_("Who planned it, as the audit trail names them."))
    created_at = models.DateTimeField(_("planned"))
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True)
    hash = models.CharField(max_length=64, blank=True)
    expected = models.PositiveBigIntegerField(default=0, help_text=_("Responses when planning began."))
    total = models.PositiveBigIntegerField(
        default=0, help_text=_("Deletions in the plan, held ones included.")
    )
    held = models.PositiveBigIntegerField(default=0)
    unlearned = models.PositiveBigIntegerField(
        default=0, help_text=_("Responses that match but whose ids were never learned.")
    )
    size = models.PositiveBigIntegerField(default=0, help_text=_("Bytes of what would go."))
    first_expiry_at = models.DateTimeField(null=True, blank=True)
    preview = models.JSONField(default=dict, blank=True, help_text=_("What the plan says, as it was frozen."))

    reason = models.CharField(max_length=500, blank=True)
    executed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs_executed"
    )
    executed_at = models.DateTimeField(_("executed"), null=True, blank=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs_approved"
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    asked_for_approval_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(
        max_length=300, blank=True, help_text=_("Why it stopped by itself, or failed.")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    reported_at = models.DateTimeField(_("report made"), null=True, blank=True)
    report = models.CharField(max_length=200, blank=True, help_text=_("The file in the storage."))
    report_size = models.PositiveBigIntegerField(default=0)
    report_sha256 = models.CharField(_("SHA-256 of the report"), max_length=64, blank=True)

    # The lease of the process that plans it or winds it up.
    claim = models.UUIDField(null=True, editable=False)
    beat_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("bulk deletion")
        ordering = ["-created_at"]
        indexes = [
            models.Index(name="job_by_state", fields=["state", "-created_at"]),
            models.Index(name="job_by_hash", fields=["hash"], condition=~Q(hash="")),
        ]
        constraints = [
            models.CheckConstraint(name="job_source_is_known", condition=Q(source__in=Source.values)),
            models.CheckConstraint(name="job_state_is_known", condition=Q(state__in=JobState.values)),
            models.CheckConstraint(
                name="tree_has_a_root",
                condition=Q(source__in=[Source.TREE, Source.BRANCH]) ^ Q(root__isnull=True),
            ),
            models.CheckConstraint(
                name="policy_of_a_policys_run",
                condition=Q(source=Source.POLICY) ^ Q(policy__isnull=True),
            ),
            models.CheckConstraint(
                name="own_deletion_of_its_job", condition=Q(source=Source.OWN) | Q(own=None)
            ),
            models.CheckConstraint(
                name="frozen_means_hashed", condition=Q(frozen_at=None, hash="") | Q(frozen_at__isnull=False)
            ),
            models.CheckConstraint(
                name="executed_means_frozen_with_a_reason",
                condition=Q(executed_at=None) | (Q(frozen_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="under_way_means_executed",
                condition=~Q(state__in=[*UNDER_WAY, JobState.DONE]) | Q(executed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="job_ended_means_over", condition=Q(state__in=ENDED) ^ Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="approved_by_another",
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("executed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"bulk deletion {self.id}"

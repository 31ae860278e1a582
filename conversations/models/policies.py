"""Retention policies: what is deleted upstream by itself, so many days after the answer."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Deployment
from conversations.models.people import Team, User


class RetentionBounds(models.Model):
    """How many days a policy may name: one row, which admins set."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    floor_days = models.PositiveSmallIntegerField(
        default=1, help_text=_("No policy deletes an answer sooner than that many days after it.")
    )
    ceiling_days = models.PositiveSmallIntegerField(
        default=30, help_text=_("No policy waits for longer. The endpoint's own retention bounds it as well.")
    )

    class Meta:
        verbose_name = _("bounds of policies")
        verbose_name_plural = _("bounds of policies")
        constraints = [
            models.CheckConstraint(name="one_row_of_bounds", condition=Q(id=1)),
            models.CheckConstraint(
                name="floor_below_ceiling", condition=Q(floor_days__gte=1, floor_days__lte=F("ceiling_days"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.floor_days} to {self.ceiling_days} days"


class RetentionPolicy(models.Model):
    """Of a team, a deployment, or a team's answers of one deployment. Days are 24 hours each, counted from
    the end of the answer, so that no time zone and no change of clocks moves them.

    Who approves it approves its runs up to `cap` responses each. A change of what it deletes takes that away.
    """

    name = models.CharField(max_length=80, unique=True)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="policies", verbose_name=_("team")
    )
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, null=True, blank=True, related_name="policies"
    )
    days = models.PositiveSmallIntegerField(
        help_text=_("Answers are deleted upstream that many days after they were given.")
    )
    cap = models.PositiveIntegerField(
        default=1000, help_text=_("At most that many in one run; a run that would delete more asks first.")
    )
    erase = models.BooleanField(
        _("erase here too"), default=False, help_text=_("Whether their text here goes as well, for good.")
    )
    dry_run = models.BooleanField(
        default=True, help_text=_("Only plan, and say once a day what would go. Nothing is deleted.")
    )
    enabled = models.BooleanField(default=True)

    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="policies_changed")
    changed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="policies_approved"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("retention policy")
        verbose_name_plural = _("retention policies")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="policy_has_a_scope", condition=Q(team__isnull=False) | Q(deployment__isnull=False)
            ),
            models.CheckConstraint(name="policy_waits_a_day", condition=Q(days__gte=1)),
            models.CheckConstraint(name="policy_has_a_cap", condition=Q(cap__gte=1)),
            models.CheckConstraint(
                name="policy_approved_by_someone",
                condition=Q(approved_at=None) ^ Q(approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="policy_approved_by_another",
                condition=Q(approved_by=None) | ~Q(approved_by=F("changed_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_force(self) -> bool:
        """Whether it deletes."""
        return self.enabled and not self.dry_run and self.approved_at is not None

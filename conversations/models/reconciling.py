"""Reconciliations: what an endpoint lists beside what the ledger says of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Endpoint
from conversations.models.imports import ImportJob, JobStatus, Leased
from conversations.models.people import User
from conversations.models.responses import Response


class Reconciliation(Leased):
    """One look at an endpoint. It changes nothing; an import of the differences does."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="reconciliations")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="reconciliations")
    actor = models.CharField(max_length=200)
    listed = models.PositiveBigIntegerField(default=0, help_text=_("Responses that upstream lists."))
    settled_by = models.ForeignKey(
        ImportJob, on_delete=models.PROTECT, null=True, blank=True, related_name="reconciliations"
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="reconciliation_status_is_known", condition=Q(status__in=JobStatus.values)
            )
        ]

    def __str__(self) -> str:
        return f"reconciliation {self.id}"


class Kind(models.TextChoices):
    ORPHAN = "orphan", _("Upstream only")
    UNLEARNED = "unlearned", _("Ours, its id never learned")
    GHOST = "ghost", _("Here as stored, not upstream")
    STILL_THERE = "still_there", _("Here as gone, still upstream")


class Difference(models.Model):
    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=16, choices=Kind)
    response_id = models.CharField(max_length=200)
    row = models.ForeignKey(Response, on_delete=models.PROTECT, null=True, related_name="differences")

    class Meta:
        ordering = ["reconciliation", "id"]
        indexes = [models.Index(name="difference_by_kind", fields=["reconciliation", "kind", "id"])]
        constraints = [
            models.UniqueConstraint(
                name="id_once_per_reconciliation", fields=["reconciliation", "response_id"]
            ),
            models.CheckConstraint(name="difference_is_known", condition=Q(kind__in=Kind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} ({self.kind})"

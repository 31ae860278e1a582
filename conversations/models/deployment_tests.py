"""Tests of deployments: what each found stands in the deployment's trials."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Deployment
from conversations.models.imports import JobStatus, Leased
from conversations.models.people import User


class DeploymentTest(Leased):
    """A small request for each feature, one after the other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.CharField(max_length=200)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("test of a deployment")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="test_status_is_known", condition=Q(status__in=JobStatus.values))
        ]

    def __str__(self) -> str:
        return f"test {self.id}"

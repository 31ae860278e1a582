"""Imports: responses that other programs made and that join the ledger by their ids."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Deployment, Endpoint
from conversations.models.people import Team, User
from conversations.models.responses import Response


class JobStatus(models.TextChoices):
    """Of work that staff give to a worker."""

    READING = "reading", _("Reading")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


UNFINISHED = (JobStatus.READING, JobStatus.RUNNING)


class Leased(models.Model):
    """Work that one process at a time goes on with; whoever finds its lease run out may take it over."""

    status = models.CharField(max_length=16, choices=JobStatus, default=JobStatus.READING)
    claim = models.UUIDField(null=True, editable=False)
    beat_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("begun"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class ImportJob(Leased):
    """One text in which ids were found. Its ids are its queue and its report."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="imports")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="imports")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="imports")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="imports")
    actor = models.CharField(max_length=200)
    source = models.CharField(max_length=200, help_text=_("What the text was: a file's name, or pasted."))
    sha256 = models.CharField(_("SHA-256 of the text"), max_length=64, blank=True)
    occurrences = models.PositiveBigIntegerField(default=0, help_text=_("Ids in the text, doubles counted."))

    class Meta:
        verbose_name = _("import")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="import_status_is_known", condition=Q(status__in=JobStatus.values))
        ]

    def __str__(self) -> str:
        return f"import {self.id}"


class Outcome(models.TextChoices):
    PENDING = "pending", _("Pending")
    IMPORTED = "imported", _("Imported")
    KNOWN = "known", _("Known")
    MISSING = "missing", _("Missing")
    MALFORMED = "malformed", _("Malformed")
    FORBIDDEN = "forbidden", _("Forbidden")
    FAILED = "failed", _("Failed")


class ImportedId(models.Model):
    """One id of an import: where it was found first, and what came of it."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="ids")
    response_id = models.CharField(max_length=200)
    line = models.PositiveBigIntegerField()
    column = models.PositiveBigIntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    row = models.ForeignKey(Response, on_delete=models.PROTECT, null=True, related_name="imported_as")

    class Meta:
        ordering = ["job", "id"]
        indexes = [models.Index(name="imported_by_outcome", fields=["job", "outcome", "id"])]
        constraints = [
            models.UniqueConstraint(name="id_once_per_import", fields=["job", "response_id"]),
            models.CheckConstraint(name="outcome_is_known", condition=Q(outcome__in=Outcome.values)),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} ({self.outcome})"


class LooseEnd(models.Model):
    """The link of an imported response to one that isn't in the ledger, kept until that one comes."""

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="loose_end")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="+")
    previous_response_id = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(name="loose_end_by_id", fields=["endpoint", "previous_response_id"])]

    def __str__(self) -> str:
        return f"{self.response_id} after {self.previous_response_id}"

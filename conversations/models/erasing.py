"""What is left of a response whose words were erased here."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.deletion_jobs import DeletionJob
from conversations.models.responses import Response


class Tombstone(models.Model):
    """Counts, and a digest of the words under a salt that nobody kept: it tells two erasures apart, and no
    words can be tried against it.
    """

    response = models.OneToOneField(Response, on_delete=models.PROTECT, related_name="tombstone")
    job = models.ForeignKey(
        DeletionJob, on_delete=models.PROTECT, null=True, blank=True, related_name="tombstones"
    )
    actor = models.CharField(max_length=200)
    erased_at = models.DateTimeField()
    items = models.PositiveIntegerField(help_text=_("Input and output items."))
    size = models.PositiveBigIntegerField(help_text=_("Bytes of them as JSON."))
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"tombstone of {self.response_id}"

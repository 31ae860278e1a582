"""Worker processes: one row each, whose heartbeat is the lease of all that it runs."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Worker(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(_("started"))
    beat_at = models.DateTimeField(_("last heartbeat"), db_index=True)

    def __str__(self) -> str:
        return f"worker {self.pid} on {self.host}"

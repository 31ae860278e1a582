"""What happened per day, so that the desk's first page reads some hundred rows and never the ledger.

Days are UTC's. Each process adds to its own lane, or all answers that end at once would wait for one row, and
a process that stands still would hold them up; what is meant is always the sum of the lanes.
"""

from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Deployment


class PerDay(models.Model):
    KEY = ("day", "team_id", "deployment", "lane")

    day = models.DateField()
    team_id = models.BigIntegerField(default=0, help_text=_("0: of no team."))
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    lane = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} of {self.day}"


class DailyUsage(PerDay):
    """Responses by the day on which they ended; `first_…`: how many showed their first words that soon."""

    completed = models.BigIntegerField(default=0)
    incomplete = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    cancelled = models.BigIntegerField(default=0)
    interrupted = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    cost = models.DecimalField(max_digits=20, decimal_places=6, default=0)
    first_250ms = models.BigIntegerField(default=0)
    first_500ms = models.BigIntegerField(default=0)
    first_1s = models.BigIntegerField(default=0)
    first_2s = models.BigIntegerField(default=0)
    first_4s = models.BigIntegerField(default=0)
    first_8s = models.BigIntegerField(default=0)
    first_later = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("usage")
        constraints = [UniqueConstraint(name="daily_usage_once", fields=PerDay.KEY)]


class DailyErrors(PerDay):
    """Responses that ended with an error, by its kind."""

    kind = models.CharField(max_length=60)
    responses = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("errors")
        constraints = [UniqueConstraint(name="daily_errors_once", fields=[*PerDay.KEY, "kind"])]


class StoredPerDay(PerDay):
    """What upstream may still hold of ended responses, by the day on which it expires there.

    Those whose id was never learned are counted in `responses` and `size`, and once more in `unlearned`.
    """

    responses = models.BigIntegerField(default=0)
    unlearned = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("stored")
        constraints = [UniqueConstraint(name="stored_per_day_once", fields=PerDay.KEY)]


class DailyDeletions(PerDay):
    """Deletions upstream by the day of upstream's answer; the last two are answers to the read-back."""

    deleted = models.BigIntegerField(default=0)
    already_absent = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    confirmed = models.BigIntegerField(default=0)
    still_there = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("deletions")
        constraints = [UniqueConstraint(name="daily_deletions_once", fields=PerDay.KEY)]

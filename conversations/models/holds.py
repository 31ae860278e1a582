"""Holds: what must not be deleted, by any road, while they last."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation
from conversations.models.deletions import Deletion
from conversations.models.people import Team, User
from conversations.models.responses import Response

SUBJECTS = ("person", "team", "conversation", "response")


class Hold(models.Model):
    """On everything of one person, team or conversation, or on one response; ends by itself or is lifted.

    `in_flight`: deletions of what it covers that were on their way when it began. Nothing calls those back,
    so they are named; until they have been looked for, `in_flight_seen_at` is empty.
    """

    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="holds", verbose_name=_("person")
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="holds")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    response = models.ForeignKey(
        Response, on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="holds_placed")
    placed_at = models.DateTimeField(default=timezone.now)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="holds_lifted"
    )
    lift_reason = models.CharField(max_length=500, blank=True)
    in_flight: "models.ManyToManyField[Deletion, Any]" = models.ManyToManyField(
        Deletion, blank=True, related_name="holds_too_late"
    )
    in_flight_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                name="hold_has_one_subject",
                condition=Q(person__isnull=False, team=None, conversation=None, response=None)
                | Q(person=None, team__isnull=False, conversation=None, response=None)
                | Q(person=None, team=None, conversation__isnull=False, response=None)
                | Q(person=None, team=None, conversation=None, response__isnull=False),
            ),
            models.CheckConstraint(name="hold_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="hold_ends_after_it_starts",
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
            ),
            models.CheckConstraint(
                name="hold_lifted_by_someone", condition=Q(lifted_at=None) ^ Q(lifted_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"

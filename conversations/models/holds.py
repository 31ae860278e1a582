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
    placed_at = models.DateTimeField(_("placed"), default=timezone.now)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="holds_lifted"
    )
    lift_reason = models.CharField(max_length=500, blank=True)
    end_noted_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When the audit trail was told that its date had ended it.")
    )
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


class CopyState(models.TextChoices):
    """Whether all of a held response is here before upstream forgets it."""

    PENDING = "pending", _("Not looked at")
    COMPLETE = "complete", _("All of it is in the ledger")
    FETCHED = "fetched", _("What was missing is fetched")
    PARTIAL = "partial", _("Fetched, but some of it is kept elsewhere")
    TROUBLE = "trouble", _("Could not be fetched yet")
    LOST = "lost", _("Upstream has it no more")


class HeldCopy(models.Model):
    """What is known of the local copy of a held response that expires upstream soon.

    Where the ledger lacks something, `body` and `input` are upstream's own: the ledger keeps what people saw.
    """

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="held_copy")
    state = models.CharField(max_length=16, choices=CopyState, default=CopyState.PENDING)
    missing = models.JSONField(default=list, blank=True, help_text=_("What the ledger lacks, in words."))
    trouble = models.CharField(max_length=300, blank=True)
    body = models.JSONField(null=True, blank=True)
    input = models.JSONField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    looked_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(_("looked at again"), null=True, blank=True)

    class Meta:
        verbose_name = _("local copy")
        verbose_name_plural = _("local copies")
        ordering = ["-looked_at"]
        indexes = [
            models.Index(
                name="held_copy_troubled",
                fields=["-looked_at"],
                condition=Q(state__in=[CopyState.TROUBLE, CopyState.LOST, CopyState.PARTIAL]),
            )
        ]
        constraints = [
            models.CheckConstraint(name="copy_state_is_known", condition=Q(state__in=CopyState.values)),
            models.CheckConstraint(
                name="fetched_means_a_body",
                condition=~Q(state__in=[CopyState.FETCHED, CopyState.PARTIAL]) | Q(body__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"local copy of {self.response_id}"

"""Why staff read what others wrote, and until when they may."""

from django.db import models
from django.db.models import Q

from conversations.models.conversations import Conversation
from conversations.models.people import User
from conversations.models.responses import Response


class ReadGrant(models.Model):
    """Opens one conversation, or one response that belongs to none, to one person for a while."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="read_grants")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, null=True, blank=True, related_name="read_grants"
    )
    response = models.ForeignKey(
        Response, on_delete=models.PROTECT, null=True, blank=True, related_name="read_grants"
    )
    reason = models.CharField(max_length=500)
    granted_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["-granted_at"]
        indexes = [models.Index(name="grant_by_person", fields=["person", "until"])]
        constraints = [
            models.CheckConstraint(
                name="grant_has_one_subject", condition=Q(conversation=None) ^ Q(response=None)
            ),
            models.CheckConstraint(name="grant_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="grant_ends_after_it_starts", condition=Q(until__gt=models.F("granted_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk} of {self.person}"

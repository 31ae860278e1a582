"""Conversations that their owners deleted: until when that can be undone, and when the next step is due."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation
from conversations.models.people import User


class OwnDeletion(models.Model):
    """One row for each time. Until `undo_until` nothing but the conversation's `deleted_at` has changed; then
    it has `begun_at`, and jobs, until nothing of it is left.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="own_deletions")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="own_deletions")
    actor = models.CharField(max_length=200)
    deleted_at = models.DateTimeField()
    undo_until = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("conversation deleted by its owner")
        ordering = ["-deleted_at"]
        indexes = [
            models.Index(name="own_deletion_due", fields=["due_at"], condition=Q(due_at__isnull=False)),
            models.Index(name="own_deletion_by_person", fields=["by", "-deleted_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="deleted_once_at_a_time", fields=["conversation"], condition=Q(restored_at=None)
            ),
            models.CheckConstraint(
                name="restored_before_it_began", condition=Q(restored_at=None) | Q(begun_at=None)
            ),
            models.CheckConstraint(
                name="ended_means_begun", condition=Q(ended_at=None) | Q(begun_at__isnull=False)
            ),
            models.CheckConstraint(
                name="due_until_it_is_over",
                condition=Q(due_at__isnull=False)
                ^ (Q(restored_at__isnull=False) | Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"own deletion of {self.conversation_id}"

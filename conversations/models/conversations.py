"""Conversations and their turns."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Deployment
from conversations.models.people import Team, User

TITLE_CHARS = 60


class Visibility(models.TextChoices):
    TEAM = "team", _("Team")
    PRIVATE = "private", _("Only me")


class Conversation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client_key = models.UUIDField(help_text=_("Made by the browser, so that asking twice makes one row."))
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="conversations")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="conversations")
    visibility = models.CharField(max_length=16, choices=Visibility, default=Visibility.TEAM)
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="conversations")
    title = models.CharField(max_length=200, blank=True)
    instructions = models.TextField(blank=True)
    background = models.BooleanField(
        null=True,
        blank=True,
        help_text=_("Whether answers go on upstream without us; empty: the deployment's."),
    )
    choices = models.JSONField(
        default=dict, blank=True, help_text=_("What is asked for beside the words, by name.")
    )
    created_at = models.DateTimeField(_("begun"))
    updated_at = models.DateTimeField(_("last used"))
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    deleted_at = models.DateTimeField(
        _("deleted"),
        null=True,
        blank=True,
        help_text=_("By its owner: nobody may open it from then on. Its own_deletions say what follows."),
    )

    class Meta:
        indexes = [
            models.Index(name="conversation_by_owner", fields=["owner", "-updated_at"]),
            models.Index(name="conversation_by_team", fields=["team", "-updated_at"]),
            # The desk's list. By the time of the last change, every answer would move its entry once more.
            models.Index(name="conversation_by_start", fields=["-created_at", "id"]),
        ]
        constraints = [
            models.UniqueConstraint(name="conversation_once_per_key", fields=["owner", "client_key"]),
            models.CheckConstraint(name="visibility_is_known", condition=Q(visibility__in=Visibility.values)),
        ]

    def __str__(self) -> str:
        # Never the title: it repeats what somebody wrote, and this is shown on lists of the desk.
        return f"conversation {self.id}"


class Turn(models.Model):
    """One message of a person and, through its responses, what answered it; it follows its `parent`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="turns")
    client_key = models.UUIDField()
    number = models.PositiveIntegerField(
        help_text=_("Counts from 1 in the order of arrival in the conversation.")
    )
    choices = models.JSONField(
        default=dict, blank=True, help_text=_("Where they differ from the conversation's.")
    )
    created_at = models.DateTimeField(_("asked"))

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="turn_once_per_key", fields=["conversation", "client_key"]),
            models.UniqueConstraint(name="turn_number_once", fields=["conversation", "number"]),
            models.CheckConstraint(name="turn_is_not_its_own_parent", condition=~Q(parent=models.F("id"))),
        ]

    def __str__(self) -> str:
        return f"turn {self.number} of {self.conversation_id}"

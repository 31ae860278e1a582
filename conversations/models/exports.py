"""Exports: what went out of the ledger, for whom, why, and whose words were in it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation
from conversations.models.imports import JobStatus, Leased
from conversations.models.people import User


class Format(models.TextChoices):
    JSONL = "jsonl", _("JSON lines")
    CSV = "csv", _("CSV, for spreadsheets")
    MARKDOWN = "md", _("Markdown")
    HTML = "html", _("HTML, for reading and printing")


class Scope(models.TextChoices):
    """What was asked for, and under which rights."""

    SELECTION = "selection", _("A selection at the desk")
    CONVERSATION = "conversation", _("A conversation, by one who may open it")
    OWN = "own", _("All conversations of one's own")


class Export(Leased):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="exports")
    actor = models.CharField(max_length=200)
    scope = models.CharField(max_length=16, choices=Scope)
    query = models.TextField(blank=True, help_text=_("The selection as the list's address has it."))
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, null=True, blank=True, related_name="exports"
    )
    format = models.CharField(max_length=8, choices=Format)
    reason = models.CharField(max_length=500, blank=True)
    expected = models.PositiveBigIntegerField(default=0, help_text=_("Responses when it began."))
    written = models.PositiveBigIntegerField(default=0, help_text=_("Responses so far."))
    file = models.CharField(max_length=200, blank=True, help_text=_("In the storage; empty once deleted."))
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    kept_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(name="export_by_person", fields=["by", "-created_at"])]
        constraints = [
            models.CheckConstraint(name="export_status_is_known", condition=Q(status__in=JobStatus.values)),
            models.CheckConstraint(name="export_format_is_known", condition=Q(format__in=Format.values)),
            models.CheckConstraint(name="export_scope_is_known", condition=Q(scope__in=Scope.values)),
            models.CheckConstraint(
                name="export_of_others_has_a_reason", condition=~Q(scope=Scope.SELECTION) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.id}"


class ExportedConversation(models.Model):
    """A conversation whose words went out; its people can see that."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="conversations")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="exported")
    responses = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="conversation_once_per_export", fields=["export", "conversation"])
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} in {self.export_id}"

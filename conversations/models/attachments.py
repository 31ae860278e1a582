"""Pictures and documents that are in items: the bytes once for each content, and whose they are."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation
from conversations.models.people import User
from conversations.models.responses import Response


class StoredFile(models.Model):
    """A content in Django's storage. The row is there before the file and goes after it, so that no file can
    lie there unknown; whoever writes or deletes the file holds the row's lock.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    file = models.CharField(max_length=200, blank=True, help_text=_("Empty until it is written."))
    thumbnail = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="stored_file_by_time", fields=["made_at"])]

    def __str__(self) -> str:
        return self.sha256


class Attachment(models.Model):
    """What somebody uploaded, or what came in an answer. Who may open the conversation may see it; until it
    is sent, the one who uploaded it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="attachments")
    content_type = models.CharField(max_length=100)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    name = models.CharField(max_length=200, blank=True)
    alt = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True, help_text=_("What a document says, for those who audit."))
    text_pages = models.PositiveIntegerField(null=True, blank=True)
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    responses = models.ManyToManyField(
        Response, related_name="attachments", blank=True, help_text=_("Those whose items name it.")
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(name="attachment_by_time", fields=["created_at"])]

    def __str__(self) -> str:
        # Never the name: somebody chose it, and this is shown on lists of the desk.
        return f"attachment {self.id}"

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

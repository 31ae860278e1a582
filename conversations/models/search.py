"""What is searched in, and why somebody may search."""

from django.db import models
from django.db.models import Q

from conversations.models.people import User
from conversations.models.responses import Response


class SearchText(models.Model):
    """The folded words of a response's items. A migration makes their index, which differs by database.

    There is none by time on purpose: the database would walk along it past every text for a rare word.
    """

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="search_text")
    at = models.DateTimeField()
    tokens = models.TextField()

    def __str__(self) -> str:
        # Never the words: these are what somebody wrote.
        return f"search text of {self.response_id}"


class SearchGrant(models.Model):
    """Why somebody searches what others wrote, and until when that reason holds."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="search_grants")
    reason = models.CharField(max_length=500)
    granted_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["-granted_at"]
        indexes = [models.Index(name="search_grant_by_person", fields=["person", "until"])]
        constraints = [
            models.CheckConstraint(name="search_grant_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="search_grant_ends_after_it_starts", condition=Q(until__gt=models.F("granted_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"search grant {self.pk} of {self.person}"

"""Filters of the list of responses that somebody keeps, alone or for everyone at the desk."""

from django.db import models
from django.db.models import Q

from conversations.models.people import User


class SavedFilter(models.Model):
    """`query` is a selection as addresses have it; never words that somebody searched for."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(name="saved_filter_once_per_name", fields=["owner", "name"]),
            models.CheckConstraint(name="saved_filter_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

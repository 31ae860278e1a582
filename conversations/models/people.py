"""People, their teams and what they may do outside of them."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do beyond chatting in the own teams."""

    MEMBER = "member", _("Member")
    AUDITOR = "auditor", _("Auditor")
    OPERATOR = "operator", _("Operator")
    ADMIN = "admin", _("Admin")


class User(AbstractUser):
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    limited_to: "models.ManyToManyField[Team, Any]" = models.ManyToManyField(
        "Team",
        blank=True,
        related_name="limited_staff",
        help_text=_("Teams whose responses an auditor or operator sees at the desk; none named: all teams."),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_role_is_known", condition=models.Q(role__in=Role.values))
        ]

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.name.split() or ["?"]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    @property
    def administers(self) -> bool:
        """Whether this person adds people, teams and deployments."""
        return self.is_active and (self.is_superuser or self.role == Role.ADMIN)

    @property
    def at_the_desk(self) -> bool:
        """Whether the audit desk (Django's admin) is open to this person."""
        return self.is_active and (self.is_superuser or self.role != Role.MEMBER)


class Team(models.Model):
    name = models.CharField(max_length=80, unique=True)
    store_upstream = models.BooleanField(
        _("store answers upstream"),
        default=True,
        help_text=_(
            "Off: the team's messages are sent with store=false, so upstream keeps nothing to delete. The"
            " price: every message sends the whole conversation again, which costs more tokens and time the"
            " longer it is; answers can't run in the background, so one whose connection breaks ends with"
            " what was seen; and nothing can be retrieved upstream later. What is stored there already stays."
        ),
    )
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_membership_per_team", fields=["team", "user"])]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"

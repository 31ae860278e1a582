"""Notices: what waits for somebody or has happened, who has seen it, and where else it was told."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.endpoints import Auth
from conversations.models.people import Team, User


class NoticeKind(models.TextChoices):
    SECOND_SIGNATURE = "second_signature", _("A deletion waits for a second person")
    POLICY_APPROVAL = "policy_approval", _("A policy waits for approval")
    TOOL_APPROVAL = "tool_approval", _("A tool waits for approval")
    COMPUTER_CHECK = "computer_check", _("A task in a browser waits for a person")
    BACKLOG = "backlog", _("A backlog won't finish before the first expiry")
    JOB_HALTED = "job_halted", _("A deletion stopped by itself")
    POLICY_FAILED = "policy_failed", _("A policy stands still")
    JOB_DONE = "job_done", _("A deletion is done")


# Nothing has to be done about these; they are read and that is all.
NEWS = (NoticeKind.JOB_DONE,)
# Found by machines, which may lose and find them again within minutes.
TROUBLES = (NoticeKind.BACKLOG, NoticeKind.JOB_HALTED, NoticeKind.POLICY_FAILED)


class Audience(models.TextChoices):
    """Whom a notice is for. Rights are asked again whenever it is shown or sent."""

    PERSON = "person", _("One person")
    TEAM = "team", _("The members of the team")
    DELETERS = "deleters", _("Who may execute and approve deletions in all teams")
    POLICY_SETTERS = "policy_setters", _("Who may write and approve policies")


class Notice(models.Model):
    """One matter. While it is open, the same `key` is not told again to the same people.

    `facts` are numbers, times and names of rows that a sentence is made of; never what people wrote, never a
    secret. `path` is the page where something can be done about it.
    """

    kind = models.CharField(max_length=24, choices=NoticeKind)
    audience = models.CharField(max_length=16, choices=Audience)
    person = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="notices", db_index=False
    )
    but_not = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who asked, and can't be the one who answers."),
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    key = models.CharField(max_length=120)
    facts = models.JSONField(default=dict, blank=True)
    path = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(name="notice_open", fields=["audience", "kind"], condition=Q(settled_at=None)),
            models.Index(name="notice_of_person", fields=["person", "-created_at"]),
            models.Index(name="notice_settled", fields=["settled_by", "-settled_at"]),
            models.Index(name="notice_by_key", fields=["key", "-created_at"]),
        ]
        constraints = [
            models.CheckConstraint(name="notice_kind_is_known", condition=Q(kind__in=NoticeKind.values)),
            models.CheckConstraint(
                name="notice_for_somebody",
                condition=Q(audience=Audience.PERSON, person__isnull=False)
                | Q(audience=Audience.TEAM, team__isnull=False, person=None)
                | Q(audience__in=[Audience.DELETERS, Audience.POLICY_SETTERS], person=None),
            ),
            models.UniqueConstraint(
                name="one_open_notice_of_person",
                fields=["key", "person"],
                condition=Q(settled_at=None, person__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_open_notice_of_audience",
                fields=["key", "audience"],
                condition=Q(settled_at=None, person=None),
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}: {self.kind}"

    @property
    def is_news(self) -> bool:
        return self.kind in NEWS


class NoticeSeen(models.Model):
    """Somebody has had it before the eyes."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="seen")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="notice_seen_once", fields=["notice", "person"])]

    def __str__(self) -> str:
        return f"{self.notice_id} seen by {self.person_id}"


class ByMail(models.TextChoices):
    NOTHING = "nothing", _("Nothing")
    WAITING = "waiting", _("What waits for me")
    ALL = "all", _("That, and what is done")


class NoticeChoice(models.Model):
    """What a person wants by e-mail; without a row it is what waits."""

    person = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="notice_choice"
    )
    by_mail = models.CharField(max_length=8, choices=ByMail, default=ByMail.WAITING)

    class Meta:
        constraints = [
            models.CheckConstraint(name="mail_choice_is_known", condition=Q(by_mail__in=ByMail.values))
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.by_mail}"


class ChannelKind(models.TextChoices):
    TEAMS = "teams", _("Microsoft Teams (Workflows)")
    SLACK = "slack", _("Slack")
    JSON = "json", _("Plain JSON, signed")
    EMAIL = "email", _("E-mail")


class NoticeChannel(models.Model):
    """Where notices go besides the inbox. A webhook's URL is a secret: it is named here, never kept."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=ChannelKind)
    address = models.EmailField(blank=True, verbose_name=_("e-mail address"))
    auth = models.CharField(
        _("where its URL is"),
        max_length=16,
        choices=[(Auth.ENV.value, _("In the environment")), (Auth.KEY_VAULT.value, _("In Azure Key Vault"))],
        blank=True,
    )
    key_name = models.CharField(
        _("name of the URL"),
        max_length=127,
        blank=True,
        help_text=_(
            "The variable, such as WEBHOOK_TEAMS, or the vault's secret that holds the URL; never the URL."
        ),
    )
    signing_name = models.CharField(
        _("name of the signing key"),
        max_length=127,
        blank=True,
        help_text=_("For plain JSON: the variable or secret, in the same place, that signs messages."),
    )
    vault_url = models.URLField(_("URL of the vault"), max_length=300, blank=True)
    kinds = models.JSONField(default=list, help_text=_("Which notices go there."))
    team = models.ForeignKey(
        Team,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="notice_channels",
        help_text=_("Only what concerns this team; none: what concerns any."),
    )
    enabled = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("notice channel")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="channel_kind_is_known", condition=Q(kind__in=ChannelKind.values)),
            models.CheckConstraint(
                name="channel_has_a_target",
                condition=(Q(kind=ChannelKind.EMAIL) & ~Q(address="") & Q(key_name=""))
                | (~Q(kind=ChannelKind.EMAIL) & ~Q(key_name="") & Q(auth__in=[Auth.ENV, Auth.KEY_VAULT])),
            ),
            models.CheckConstraint(
                name="only_json_is_signed", condition=Q(kind=ChannelKind.JSON) | Q(signing_name="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    DROPPED = "dropped", _("Not needed any more")


class Delivery(models.Model):
    """One notice to one channel, or to one person by e-mail. Rows are the queue: a claim raises `attempts`
    and moves `due_at` behind its lease, and what books the answer repeats the number.
    """

    notice = models.ForeignKey(
        Notice, on_delete=models.CASCADE, null=True, related_name="deliveries", help_text=_("Empty: a test.")
    )
    channel = models.ForeignKey(
        NoticeChannel, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True, help_text=_("Of the last attempt."))

    class Meta:
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(name="delivery_due", fields=["due_at"], condition=Q(state=DeliveryState.WAITING)),
            models.Index(
                name="delivery_failed", fields=["-ended_at"], condition=Q(state=DeliveryState.FAILED)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="delivery_state_is_known", condition=Q(state__in=DeliveryState.values)
            ),
            models.CheckConstraint(name="delivery_to_one", condition=Q(channel=None) ^ Q(person=None)),
            models.CheckConstraint(
                name="delivery_waits_or_ended",
                condition=Q(state=DeliveryState.WAITING, due_at__isnull=False, ended_at=None)
                | (~Q(state=DeliveryState.WAITING) & Q(due_at=None, ended_at__isnull=False)),
            ),
            models.UniqueConstraint(name="delivery_once_per_channel", fields=["notice", "channel"]),
            models.UniqueConstraint(name="delivery_once_per_person", fields=["notice", "person"]),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"

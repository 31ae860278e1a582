"""The ledger: every response that was asked for, and the items that went in and came out."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation, Turn
from conversations.models.endpoints import Deployment, Endpoint, Keep
from conversations.models.people import Team, User
from conversations.models.workers import Worker


class Status(models.TextChoices):
    """The API's own, and two of ours: waiting (behind a running turn) and interrupted (cut off)."""

    WAITING = "waiting", _("Waiting")
    QUEUED = "queued", _("Queued")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")
    INCOMPLETE = "incomplete", _("Incomplete")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Stopped")
    INTERRUPTED = "interrupted", _("Interrupted")


OPEN = (Status.WAITING, Status.QUEUED, Status.IN_PROGRESS)
TERMINAL = tuple(status for status in Status if status not in OPEN)


class UpstreamState(models.TextChoices):
    """What is known of the copy that the API keeps."""

    NOT_SENT = "not_sent", _("Not sent")
    NOT_LEARNED = "not_learned", _("Id never learned")
    STORED = "stored", _("Stored")
    NOT_STORED = "not_stored", _("Not stored")
    NOT_VISIBLE = "not_visible", _("Not yet visible")
    DELETED = "deleted", _("Deleted")
    ABSENT = "absent", _("Confirmed absent")
    EXPIRED = "expired", _("Expired")
    UNKNOWN = "unknown", _("Unknown")


# What may still lie there, as far as is known.
AT_UPSTREAM = (
    UpstreamState.NOT_LEARNED,
    UpstreamState.STORED,
    UpstreamState.NOT_VISIBLE,
    UpstreamState.UNKNOWN,
)


class History(models.TextChoices):
    """How the model was told what came before."""

    FRESH = "fresh", _("Nothing came before")
    CHAINED = "chained", _("By previous_response_id")
    REBUILT = "rebuilt", _("Sent again from the ledger")
    RESENT = "resent", _("Sent again, as chosen")


class Origin(models.TextChoices):
    """How a response came into the ledger."""

    CHAT = "chat", _("Chat")
    IMPORT = "import", _("Imported")


EXPIRES = Q(expires_at__isnull=False, upstream_state__in=AT_UPSTREAM)


def _rare_by_time() -> list[models.Index]:
    """For the desk's filters by what few responses are, so that they don't walk past all the others."""
    rare = {
        "unusual_status": Q(status__in=[each for each in Status if each != Status.COMPLETED]),
        "background": Q(background=True),
        "import": Q(origin=Origin.IMPORT),
        "error": Q(error__isnull=False),
    }
    first = {"unusual_status": ["status"]}
    return [
        models.Index(
            name=f"{name}_by_time", fields=[*first.get(name, []), "-queued_at", "-id"], condition=condition
        )
        for name, condition in rare.items()
    ] + [
        models.Index(
            KeyTransform("kind", "error"),
            F("queued_at").desc(),
            F("id").desc(),
            name="error_kind_by_time",
            condition=rare["error"],
        )
    ]


class Response(models.Model):
    """One response of the API: a node of the tree that `previous` spans.

    One that the chat made has a turn and a person. Of one that was imported nobody here knows who asked.
    Conversation and team are the turn's, kept here too so that the desk's lists need no joins.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.CHAT)
    turn = models.ForeignKey(Turn, on_delete=models.PROTECT, null=True, blank=True, related_name="responses")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, null=True, blank=True, related_name="responses"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="responses")
    attempt = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(
        default=1,
        help_text=_("Each brings what the tools said that the one before called."),
    )
    client_key = models.UUIDField(null=True, help_text=_("Of the request to run the turn again."))
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="responses"
    )
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="next")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="responses")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="responses")
    key_alias = models.CharField(
        max_length=140, blank=True, help_text=_("Which credential was used, by name.")
    )

    # Null until it is learned, since many rows may lack one while those that are known are unique.
    response_id = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    status = models.CharField(max_length=16, choices=Status)
    revision = models.PositiveIntegerField(default=1)
    upstream_state = models.CharField(max_length=16, choices=UpstreamState, default=UpstreamState.NOT_SENT)
    upstream_seen_at = models.DateTimeField(_("upstream last asked"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires upstream"), null=True, blank=True)
    stored = models.BooleanField(default=True)
    keep = models.CharField(max_length=16, choices=Keep, default=Keep.CHAINED)
    size = models.PositiveBigIntegerField(default=0, help_text=_("Bytes of its items as JSON."))
    background = models.BooleanField(default=False)

    model = models.CharField(max_length=120, blank=True)
    instructions = models.TextField(blank=True)
    tools = models.JSONField(default=list, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    history = models.CharField(max_length=16, choices=History, default=History.FRESH)
    history_reason = models.CharField(max_length=300, blank=True)

    input_tokens = models.PositiveBigIntegerField(null=True)
    cached_tokens = models.PositiveBigIntegerField(null=True)
    output_tokens = models.PositiveBigIntegerField(null=True)
    reasoning_tokens = models.PositiveBigIntegerField(null=True)
    usage_estimated = models.BooleanField(default=False)
    cost = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    error = models.JSONField(null=True, blank=True)
    incomplete_details = models.JSONField(null=True, blank=True)
    verdict = models.JSONField(
        null=True, blank=True, help_text=_("Whether the answer fits the schema that was asked for.")
    )
    request_ids = models.JSONField(default=dict, blank=True)
    repaired = models.PositiveIntegerField(
        default=0, help_text=_("NUL and lone surrogates replaced in what came in.")
    )

    queued_at = models.DateTimeField(_("asked"))
    started_at = models.DateTimeField(_("started"), null=True)
    first_delta_at = models.DateTimeField(_("first words"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    erased_at = models.DateTimeField(
        _("erased here"), null=True, help_text=_("When its words were erased here.")
    )
    stop_requested_at = models.DateTimeField(_("stop asked for"), null=True)
    stopped_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="stopped"
    )

    worker = models.ForeignKey(
        Worker, on_delete=models.SET_NULL, null=True, blank=True, related_name="responses"
    )
    claim = models.UUIDField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    checkpoint = models.JSONField(
        null=True, blank=True, help_text=_("The open transcript as last saved while running.")
    )

    class Meta:
        ordering = ["turn", "attempt", "round"]
        indexes = [
            models.Index(
                name="response_by_status", fields=["status", "queued_at"], condition=Q(status__in=OPEN)
            ),
            models.Index(
                name="response_by_expiry", fields=["expires_at"], condition=Q(expires_at__isnull=False)
            ),
            *(
                models.Index(name=f"{name}_by_time", fields=[name, "-queued_at", "-id"])
                for name in (
                    *("person", "team", "conversation", "deployment", "endpoint", "model"),
                    "upstream_state",
                )
            ),
            models.Index(name="response_by_time", fields=["-queued_at", "-id"]),
            *_rare_by_time(),
            models.Index(name="response_expiring", fields=["expires_at", "id"], condition=EXPIRES),
            models.Index(F("input_tokens") + F("output_tokens"), name="response_by_tokens"),
            models.Index(name="response_by_cost", fields=["cost"]),
            models.Index(name="response_by_size", fields=["size"]),
        ]
        constraints = [
            models.UniqueConstraint(name="response_id_once_per_endpoint", fields=["endpoint", "response_id"]),
            models.UniqueConstraint(name="round_once_per_attempt", fields=["turn", "attempt", "round"]),
            models.UniqueConstraint(name="retry_once_per_key", fields=["turn", "client_key"]),
            models.UniqueConstraint(
                name="one_open_response_per_turn", fields=["turn"], condition=Q(status__in=OPEN)
            ),
            models.CheckConstraint(
                name="chat_has_turn_and_person",
                condition=~Q(origin=Origin.CHAT)
                | Q(turn__isnull=False, conversation__isnull=False, team__isnull=False, person__isnull=False),
            ),
            models.CheckConstraint(name="origin_is_known", condition=Q(origin__in=Origin.values)),
            models.CheckConstraint(name="status_is_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="upstream_state_is_known", condition=Q(upstream_state__in=UpstreamState.values)
            ),
            models.CheckConstraint(name="history_is_known", condition=Q(history__in=History.values)),
            models.CheckConstraint(
                name="ended_means_terminal", condition=Q(status__in=TERMINAL) ^ Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="running_means_claimed", condition=~Q(status=Status.IN_PROGRESS) | Q(claim__isnull=False)
            ),
            models.CheckConstraint(
                name="stored_means_learned",
                condition=~Q(upstream_state=UpstreamState.STORED) | Q(response_id__isnull=False),
            ),
            models.CheckConstraint(name="response_id_is_not_empty", condition=~Q(response_id="")),
            models.CheckConstraint(
                name="background_means_stored", condition=Q(background=False) | Q(stored=True)
            ),
            models.CheckConstraint(name="response_is_not_its_own_previous", condition=~Q(previous=F("id"))),
        ]

    def __str__(self) -> str:
        return self.response_id or f"response {self.id}"

    @property
    def chat_turn(self) -> Turn:
        """Of one that the chat made."""
        if self.turn is None:
            raise ValueError(f"{self} was not made by the chat")
        return self.turn

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class Direction(models.TextChoices):
    INPUT = "input", _("Input")
    OUTPUT = "output", _("Output")


class Item(models.Model):
    """One input or output item as the API has it, with its text beside it for search."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="items")
    direction = models.CharField(max_length=8, choices=Direction)
    position = models.PositiveIntegerField()
    item_id = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=60)
    role = models.CharField(max_length=20, blank=True)
    payload = models.JSONField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["response", "direction", "position"]
        constraints = [
            models.UniqueConstraint(
                name="item_once_per_position", fields=["response", "direction", "position"]
            ),
            models.CheckConstraint(name="direction_is_known", condition=Q(direction__in=Direction.values)),
        ]

    def __str__(self) -> str:
        return f"{self.direction} item {self.position} ({self.type}) of {self.response_id}"

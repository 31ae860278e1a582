"""Calls of tools: what the model asked for, who allowed it, what came of it; and what teams may use."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.people import Team, User
from conversations.models.responses import Response
from conversations.models.workers import Worker


class Approvers(models.TextChoices):
    """Who may decide on a call, or type its output."""

    ASKER = "asker", _("Whoever asked")
    TEAM = "team", _("Anyone who can open the conversation")
    OTHER = "other", _("Another member of the team")


class Use(models.TextChoices):
    OFF = "off", _("Not in this team")
    OFFERED = "offered", _("Where people switch it on")
    ON = "on", _("Wherever people don't switch it off")


class ToolPolicy(models.Model):
    """How a team uses a tool; without one the tool is offered, and asks for approval where it says so."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tool_policies")
    tool = models.CharField(max_length=64)
    use = models.CharField(max_length=8, choices=Use, default=Use.OFFERED)
    needs_approval = models.BooleanField(
        default=True,
        help_text=_("Whether somebody is asked before each call. A manual tool is answered by them."),
    )
    approvers = models.CharField(_("who approves"), max_length=8, choices=Approvers, default=Approvers.ASKER)

    class Meta:
        verbose_name = _("tool policy")
        verbose_name_plural = _("tool policies")
        ordering = ["team", "tool"]
        constraints = [
            models.UniqueConstraint(name="one_policy_per_team_and_tool", fields=["team", "tool"]),
            models.CheckConstraint(name="use_is_known", condition=Q(use__in=Use.values)),
            models.CheckConstraint(
                name="policy_approvers_are_known", condition=Q(approvers__in=Approvers.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tool} in {self.team}"


class CallKind(models.TextChoices):
    FUNCTION = "function", _("Function")
    MANUAL = "manual", _("Answered by a person")
    MCP = "mcp", _("On an MCP server")


class CallState(models.TextChoices):
    ASKS_APPROVAL = "asks_approval", _("Waits for approval")
    ASKS_OUTPUT = "asks_output", _("Waits for a person's answer")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    TIMED_OUT = "timed_out", _("Took too long")
    DECLINED = "declined", _("Declined")
    STOPPED = "stopped", _("Stopped")


ASKING = (CallState.ASKS_APPROVAL, CallState.ASKS_OUTPUT)
OPEN_CALLS = (*ASKING, CallState.QUEUED, CallState.RUNNING)


class ToolCall(models.Model):
    """One call of a response. `output` is what the model is told; with the last one of a response the next
    round begins. It is run once: a second time only if its tool is repeatable and the worker died over it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="calls")
    position = models.PositiveIntegerField(help_text=_("Of its item in the response's output."))
    call_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=CallKind, default=CallKind.FUNCTION)
    name = models.CharField(max_length=200)
    server = models.CharField(max_length=200, blank=True, help_text=_("The label of the MCP server."))
    arguments = models.TextField(blank=True)
    state = models.CharField(max_length=16, choices=CallState)
    revision = models.PositiveIntegerField(default=1)
    output = models.TextField(blank=True)

    approvers = models.CharField(max_length=8, choices=Approvers, default=Approvers.ASKER)
    needed_approval = models.BooleanField(default=False)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_calls"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why it was declined."))

    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    worker = models.ForeignKey(Worker, on_delete=models.SET_NULL, null=True, blank=True, related_name="calls")
    claim = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = _("tool call")
        ordering = ["response", "position"]
        indexes = [
            models.Index(name="open_calls", fields=["state", "queued_at"], condition=Q(state__in=OPEN_CALLS))
        ]
        constraints = [
            models.UniqueConstraint(name="call_once_per_response", fields=["response", "call_id"]),
            models.CheckConstraint(name="call_kind_is_known", condition=Q(kind__in=CallKind.values)),
            models.CheckConstraint(name="call_state_is_known", condition=Q(state__in=CallState.values)),
            models.CheckConstraint(
                name="call_approvers_are_known", condition=Q(approvers__in=Approvers.values)
            ),
            models.CheckConstraint(
                name="open_call_has_not_ended", condition=Q(state__in=OPEN_CALLS) ^ Q(ended_at__isnull=False)
            ),
            models.CheckConstraint(
                name="running_call_is_claimed", condition=~Q(state=CallState.RUNNING) | Q(claim__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"call of {self.name} in {self.response}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_CALLS

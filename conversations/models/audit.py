"""The audit trail: who did what to what, as a chain that can't be changed without a trace."""

from datetime import UTC
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

GENESIS = "0" * 64


class Action(models.TextChoices):
    """Everything that is written down. A new one needs no migration."""

    LOGIN = "login", _("Logged in")
    LOGIN_REFUSED = "login_refused", _("Login refused")
    LOGOUT = "logout", _("Logged out")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PERSON_CHANGED = "person_changed", _("Person changed")
    ROLE_CHANGED = "role_changed", _("Role changed")
    TEAM_CHANGED = "team_changed", _("Team changed")
    MEMBERSHIP_CHANGED = "membership_changed", _("Membership changed")
    ENDPOINT_CHANGED = "endpoint_changed", _("Endpoint changed")
    DEPLOYMENT_CHANGED = "deployment_changed", _("Deployment changed")
    ACCESS_REFUSED = "access_refused", _("Access refused")
    GRANT_MADE = "grant_made", _("Reading allowed")
    SEARCHED = "searched", _("Searched")
    CONTENT_READ = "content_read", _("Content read")
    UPSTREAM_RETRIEVED = "upstream_retrieved", _("Retrieved from upstream")
    INPUT_ITEMS_READ = "input_items_read", _("Input items read")
    DELETION_REQUESTED = "deletion_requested", _("Deletion requested")
    DELETION_READ_BACK = "deletion_read_back", _("Deletion read back")
    UPSTREAM_DELETED = "upstream_deleted", _("Deleted upstream")
    IMPORTED = "imported", _("Imported")
    RECONCILED = "reconciled", _("Reconciled")
    EXPORTED = "exported", _("Exported")
    HOLD_PLACED = "hold_placed", _("Hold placed")
    HOLD_ENDED = "hold_ended", _("Hold ended")
    HOLD_TOO_LATE = "hold_too_late", _("Deletions were on their way when a hold began")
    PLAN_MADE = "plan_made", _("Deletion planned")
    PLAN_APPROVED = "plan_approved", _("Deletion approved")
    PLAN_EXECUTED = "plan_executed", _("Deletion executed")
    PLAN_DISCARDED = "plan_discarded", _("Deletion plan discarded")
    JOB_PAUSED = "job_paused", _("Deletion paused")
    JOB_RESUMED = "job_resumed", _("Deletion resumed")
    JOB_CANCELLED = "job_cancelled", _("Deletion cancelled")
    JOB_HALTED = "job_halted", _("Deletion stopped by itself")
    JOB_PROGRESSED = "job_progressed", _("Deletions decided")
    JOB_RETRIED = "job_retried", _("Failed deletions tried again")
    JOB_ENDED = "job_ended", _("Deletion ended")
    CONVERSATION_DELETED = "conversation_deleted", _("Conversation deleted by its owner")
    CONVERSATION_RESTORED = "conversation_restored", _("Conversation restored by its owner")
    REPORT_MADE = "report_made", _("Deletion report made")
    ERASED = "erased", _("Text erased here")
    REBUILT = "rebuilt", _("Rebuilt from the ledger")
    DEPLOYMENT_TESTED = "deployment_tested", _("Deployment tested")
    CAPABILITY_CHANGED = "capability_changed", _("What is known of a model or version changed")
    MCP_SERVER_CHANGED = "mcp_server_changed", _("MCP server changed")
    CHANNEL_CHANGED = "channel_changed", _("Notice channel changed")
    CHANNEL_TESTED = "channel_tested", _("Notice channel tested")
    CALL_APPROVED = "call_approved", _("Call of a tool approved")
    CALL_DECLINED = "call_declined", _("Call of a tool declined")
    CALL_ANSWERED = "call_answered", _("Call of a tool answered by a person")
    POLICY_CHANGED = "policy_changed", _("Retention policy changed")
    COMPUTER_POLICY_CHANGED = "computer_policy_changed", _("Computer policy changed")
    COMPUTER_BEGUN = "computer_begun", _("Computer use begun")
    COMPUTER_CHECKED = "computer_checked", _("Safety check of computer use decided")
    COMPUTER_STEERED = "computer_steered", _("Computer use paused, resumed or taken over")
    COMPUTER_REFUSED = "computer_refused", _("Computer use kept from a site")
    COMPUTER_ENDED = "computer_ended", _("Computer use ended")
    TOOL_POLICY_CHANGED = "tool_policy_changed", _("Tools of a team changed")


def actions() -> list[tuple[str, str]]:
    return [(action.value, str(action.label)) for action in Action]


class AuditEntry(models.Model):
    """One deed. No foreign keys: an entry outlives what it speaks of. Never holds what people wrote."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=40, choices=actions)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=200, blank=True)
    team_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    source = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=16)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(name="audit_by_time", fields=["at"]),
            models.Index(name="audit_by_action", fields=["action", "-number"]),
            models.Index(name="audit_by_actor", fields=["actor_id", "-number"]),
            models.Index(name="audit_by_subject", fields=["subject_type", "subject_id", "-number"]),
            models.Index(name="audit_by_team", fields=["team_id", "-number"]),
        ]

    def __str__(self) -> str:
        return f"audit entry {self.number}"

    def sealed(self) -> dict[str, Any]:
        """All that the hash covers, as JSON has it."""
        values = {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}
        del values["hash"]
        return values | {"at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}


class AuditHead(models.Model):
    """The end of the chain: one row, locked by whoever adds to it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    count = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)
    key_id = models.CharField(max_length=16, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="one_audit_head", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"head of {self.count} audit entries"

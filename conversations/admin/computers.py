"""Computer use at the desk: what each team allows, written by admins, and the tasks that were done."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import cells
from conversations.admin.cells import column
from conversations.admin.reading import ForAdmins, OfTeams
from conversations.models import ComputerPolicy, ComputerRun
from conversations.models.computer_runs import RunEnd, RunState
from conversations.people import rights
from conversations.tools import computers

HOST = re.compile(r"\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?")
STATES = {
    RunState.QUEUED: ("", "clock"),
    RunState.RUNNING: ("", "loader"),
    RunState.WAITS_FOR_PERSON: ("expiring", "hourglass"),
    RunState.PAUSED: ("", "hourglass"),
    RunState.PERSON_HAS_HAND: ("", "user"),
    RunState.ENDED: ("", "check"),
}
TROUBLED = (RunEnd.FAILED, RunEnd.INTERRUPTED)


LIMITS = ("most_steps", "most_seconds")
BELOW = (
    *(("usual_steps", "most_steps"), ("usual_seconds", "most_seconds")),
    *(("width", "most_width"), ("height", "most_height")),
)
CHOOSING = ("may_choose", "usual_steps", "usual_seconds", "most_width", "most_height")


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = ComputerPolicy
        fields = [
            "team",
            "enabled",
            "sites",
            "start_url",
            "width",
            "height",
            *LIMITS,
            "confirm_all",
            *CHOOSING,
        ]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        hosts = ComputerPolicy(sites=given.get("sites", "")).hosts
        wrong = [host for host in hosts if not HOST.fullmatch(host)]
        if wrong:
            self.add_error("sites", _("“%(line)s” is no host.") % {"line": wrong[0]})
        elif given.get("start_url"):
            problem = computers.why_not_start(given["start_url"], hosts)
            if problem:
                self.add_error("start_url", problem)
        self._compare(given)
        return given

    def _compare(self, given: dict[str, Any]) -> None:
        """What is usual is not above what there may be."""
        for usual, most in BELOW:
            if (given.get(usual) or 0) > (given.get(most) or 0):
                told = {"most": given.get(most)}
                self.add_error(usual, _("This is more than the %(most)s that there may be.") % told)


@admin.register(ComputerPolicy)
class ComputerPolicyAdmin(ForAdmins):
    form = PolicyForm
    list_display = ["team", "enabled", "start_url", "most_steps", "most_seconds", "confirm_all"]
    list_select_related = ["team"]
    first_steps = gettext_lazy(
        "A team's models use no browser until an admin names the sites that it may visit."
    )
    fieldsets = [
        (None, {"fields": ["team", "enabled"]}),
        (gettext_lazy("Where it may go"), {"fields": ["sites", "start_url"]}),
        (
            gettext_lazy("How far it goes by itself"),
            {"fields": [*LIMITS, "confirm_all"]},
        ),
        (gettext_lazy("Its window"), {"fields": ["width", "height"]}),
        (gettext_lazy("What people may choose for a conversation"), {"fields": [*CHOOSING]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ComputerPolicy]:
        rows = super().get_queryset(request)
        return rights.of_their_teams(rows, rights.person_of(request), "team")


@admin.register(ComputerRun)
class ComputerRunAdmin(OfTeams):
    """What was done and who decided; the words of it are in the responses, under a grant."""

    team_path = "conversation__team"
    list_display = ["created_at", "team", "shown_state", "steps_done", "checks", "ended_at"]
    list_filter = ["state", "reason"]
    fields = [
        *("id", "team", "shown_state", "tool", "width", "height", "sites", "most_steps", "most_seconds"),
        *("confirm_all", "steps_done", "checks", "created_at", "started_at", "ended_at", "stopped_by"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ComputerRun]:
        rows: QuerySet[ComputerRun] = super().get_queryset(request)
        return rows.select_related("conversation__team", "stopped_by").annotate(
            steps_count=Count("steps", distinct=True), checks_count=Count("steps__checks", distinct=True)
        )

    @column(gettext_lazy("team"))
    def team(self, row: ComputerRun) -> str:
        return str(row.conversation.team)

    @column(gettext_lazy("state"))
    def shown_state(self, row: ComputerRun) -> SafeString:
        meaning, icon = STATES[RunState(row.state)]
        if row.reason in TROUBLED:
            meaning, icon = "failed", "octagon-alert"
        said = row.get_reason_display() or row.get_state_display()
        return cells.pill(said, meaning=meaning, icon_name=icon)

    @column(gettext_lazy("steps"))
    def steps_done(self, row: ComputerRun) -> int:
        return int(row.steps_count)  # type: ignore[attr-defined]  # annotated

    @column(gettext_lazy("safety checks"))
    def checks(self, row: ComputerRun) -> int:
        return int(row.checks_count)  # type: ignore[attr-defined]  # annotated

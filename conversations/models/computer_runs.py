"""Computer use: a task that a model does in a browser, step by step, and what a team allows of it."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import Conversation, Turn
from conversations.models.people import Team, User
from conversations.models.responses import Response
from conversations.models.workers import Worker

LEAST_STEPS, MOST_STEPS = 1, 100
LEAST_SECONDS, MOST_SECONDS = 10, 3600
LEAST_SIDE, MOST_SIDE = 200, 2560
SIDES = [MinValueValidator(LEAST_SIDE), MaxValueValidator(MOST_SIDE)]


class ComputerPolicy(models.Model):
    """Whether a team's models may use a browser, and where they may go. Without one they may not."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="computer_policy")
    enabled = models.BooleanField(
        default=False, help_text=_("Off: nobody in this team can give a model a browser.")
    )
    sites = models.TextField(
        blank=True,
        help_text=_(
            "One host a line that a browser may visit: shop.example.com itself, *.example.com for what is "
            "below it, either with :port; * for every public host. Private addresses are never visited."
        ),
    )
    start_url = models.CharField(
        _("start page"), max_length=2000, help_text=_("Where a new browser begins; one of these sites.")
    )
    width = models.PositiveSmallIntegerField(
        _("width"), default=1024, db_default=1024, validators=SIDES, help_text=_("Pixels of its window.")
    )
    height = models.PositiveSmallIntegerField(_("height"), default=768, db_default=768, validators=SIDES)
    most_steps = models.PositiveSmallIntegerField(
        _("steps"),
        default=5,
        validators=[MinValueValidator(LEAST_STEPS), MaxValueValidator(MOST_STEPS)],
        help_text=_("After so many steps of a task a person takes over again."),
    )
    most_seconds = models.PositiveSmallIntegerField(
        _("seconds"),
        default=600,
        validators=[MinValueValidator(LEAST_SECONDS), MaxValueValidator(MOST_SECONDS)],
        help_text=_("A task ends after so long, without the time in which it waits for a person."),
    )
    usual_steps = models.PositiveSmallIntegerField(
        _("usual steps"),
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_STEPS), MaxValueValidator(MOST_STEPS)],
        help_text=_("Where nobody chooses another number; empty: as many as there may be."),
    )
    usual_seconds = models.PositiveSmallIntegerField(
        _("usual seconds"),
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_SECONDS), MaxValueValidator(MOST_SECONDS)],
    )
    may_choose = models.BooleanField(
        _("people may choose"),
        default=True,
        db_default=True,
        help_text=_("Window, start page, steps and seconds of a conversation, as far as this policy goes."),
    )
    most_width = models.PositiveSmallIntegerField(
        _("largest width"), default=1600, db_default=1600, validators=SIDES
    )
    most_height = models.PositiveSmallIntegerField(
        _("largest height"), default=1200, db_default=1200, validators=SIDES
    )
    confirm_all = models.BooleanField(
        _("confirm every action"), default=False, help_text=_("Whether a person is asked before each step.")
    )

    class Meta:
        verbose_name = _("computer policy")
        verbose_name_plural = _("computer policies")
        ordering = ["team"]
        constraints = [
            models.CheckConstraint(
                name="computer_policy_limits",
                condition=Q(
                    most_steps__range=(LEAST_STEPS, MOST_STEPS),
                    most_seconds__range=(LEAST_SECONDS, MOST_SECONDS),
                ),
            )
        ]

    def __str__(self) -> str:
        return f"computer use of {self.team}"

    @property
    def hosts(self) -> list[str]:
        return [line.strip().lower() for line in self.sites.splitlines() if line.strip()]


class RunState(models.TextChoices):
    QUEUED = "queued", _("Waits for a browser")
    RUNNING = "running", _("Running")
    WAITS_FOR_PERSON = "waits_for_person", _("Waits for a person")
    PAUSED = "paused", _("Paused")
    PERSON_HAS_HAND = "person_has_hand", _("A person has the mouse")
    ENDED = "ended", _("Ended")


class RunEnd(models.TextChoices):
    """Why a task is over and the person has the say again."""

    DONE = "done", _("The model has finished")
    STEPS = "steps", _("All its steps are used up")
    TIME = "time", _("Its time is used up")
    DECLINED = "declined", _("A person declined")
    UNATTENDED = "unattended", _("Nobody answered in time")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("The browser failed")
    INTERRUPTED = "interrupted", _("The worker was lost")


class ComputerRun(models.Model):
    """One task: an attempt at a turn. The limits and sites are those of the day it began.

    Runs of a conversation that follow each other use the same `browser`, as long as its worker keeps it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="computer_runs")
    turn = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="computer_runs")
    attempt = models.PositiveSmallIntegerField(default=1)
    tool = models.CharField(max_length=40, help_text=_("The API's type of the tool."))
    width = models.PositiveSmallIntegerField(default=1024)
    height = models.PositiveSmallIntegerField(default=768)
    environment = models.CharField(max_length=20, default="browser")
    start_url = models.CharField(max_length=2000)
    sites = models.JSONField(default=list)
    most_steps = models.PositiveSmallIntegerField(default=5)
    most_seconds = models.PositiveSmallIntegerField(default=600)
    confirm_all = models.BooleanField(default=False)

    state = models.CharField(max_length=20, choices=RunState, default=RunState.QUEUED)
    reason = models.CharField(max_length=20, choices=RunEnd, blank=True)
    told = models.CharField(max_length=300, blank=True, help_text=_("What went wrong, for people."))
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    waits_since = models.DateTimeField(null=True, blank=True, help_text=_("For a person."))
    waited = models.FloatField(default=0, help_text=_("Seconds, for people, altogether."))
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="stopped_computer_runs"
    )
    hand_of = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="computers_in_hand"
    )

    noted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the audit trail was told of its end.")
    )

    browser = models.UUIDField(null=True, blank=True)
    kept_until = models.DateTimeField(
        null=True, blank=True, help_text=_("Until when its worker keeps the browser for the next task.")
    )
    worker = models.ForeignKey(
        Worker, on_delete=models.SET_NULL, null=True, blank=True, related_name="computer_runs"
    )

    class Meta:
        verbose_name = _("computer run")
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(name="open_computer_runs", fields=["state"], condition=~Q(state=RunState.ENDED)),
        ]
        constraints = [
            models.UniqueConstraint(name="one_computer_run_per_attempt", fields=["turn", "attempt"]),
            models.CheckConstraint(name="computer_state_is_known", condition=Q(state__in=RunState.values)),
            models.CheckConstraint(
                name="computer_end_is_known", condition=Q(reason="") | Q(reason__in=RunEnd.values)
            ),
            models.CheckConstraint(
                name="ended_computer_run_has_reason",
                condition=Q(state=RunState.ENDED, ended_at__isnull=False) & ~Q(reason="")
                | ~Q(state=RunState.ENDED) & Q(ended_at=None, reason=""),
            ),
            models.CheckConstraint(
                name="hand_is_of_a_person",
                condition=Q(state=RunState.PERSON_HAS_HAND) ^ Q(hand_of=None),
            ),
            models.CheckConstraint(
                name="display_has_sense",
                condition=Q(width__range=(LEAST_SIDE, MOST_SIDE), height__range=(LEAST_SIDE, MOST_SIDE)),
            ),
        ]

    def __str__(self) -> str:
        return f"computer run {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state != RunState.ENDED


class StepState(models.TextChoices):
    ASKS = "asks", _("Waits for a person")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    NOT_DONE = "not_done", _("Not done")


# These keep a browser waiting for somebody, who has ten minutes.
FOR_PERSONS = (RunState.WAITS_FOR_PERSON, RunState.PAUSED, RunState.PERSON_HAS_HAND)
OPEN_STEPS = (StepState.ASKS, StepState.QUEUED, StepState.RUNNING)


class ComputerStep(models.Model):
    """What a run did at one go, and the picture after it. Number 0 is the first look, before any action;
    each later one answers a `computer_call` of `response`. The picture is an attachment of that response.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ComputerRun, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="computer_steps")
    position = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Of the call in the response's output.")
    )
    call_id = models.CharField(max_length=200, blank=True)
    actions = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=16, choices=StepState, default=StepState.QUEUED)
    revision = models.PositiveIntegerField(default=1)
    screenshot = models.CharField(max_length=64, blank=True, help_text=_("The SHA-256 of its content."))
    is_stale = models.BooleanField(
        default=False, help_text=_("No new picture could be taken; this is the last one before.")
    )
    url = models.CharField(max_length=2000, blank=True)
    title = models.CharField(max_length=300, blank=True)
    notes = models.JSONField(default=list, blank=True)
    pointer_x = models.PositiveSmallIntegerField(null=True, blank=True)
    pointer_y = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="confirmed_computer_steps"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("computer step")
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(name="step_once_per_number", fields=["run", "number"]),
            models.UniqueConstraint(name="step_once_per_call", fields=["response", "call_id"]),
            models.CheckConstraint(name="step_state_is_known", condition=Q(state__in=StepState.values)),
            models.CheckConstraint(
                name="open_step_has_not_ended", condition=Q(state__in=OPEN_STEPS) ^ Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.number} of {self.run_id}"


class Decision(models.TextChoices):
    PROCEED = "proceed", _("Proceed")
    DECLINE = "decline", _("Decline")
    NOBODY = "nobody", _("Nobody answered")
    TAKEN_OVER = "taken_over", _("Took over instead")


class SafetyCheck(models.Model):
    """What upstream wants a person to confirm before a step is done."""

    step = models.ForeignKey(ComputerStep, on_delete=models.CASCADE, related_name="checks")
    check_id = models.CharField(max_length=200)
    code = models.CharField(max_length=100, blank=True)
    message = models.TextField(blank=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_safety_checks"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("safety check")
        ordering = ["step", "id"]
        constraints = [
            models.UniqueConstraint(name="check_once_per_step", fields=["step", "check_id"]),
            models.CheckConstraint(
                name="decision_is_known", condition=Q(decision="") | Q(decision__in=Decision.values)
            ),
            models.CheckConstraint(
                name="decided_check_has_time", condition=Q(decision="") ^ Q(decided_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} at {self.step_id}"

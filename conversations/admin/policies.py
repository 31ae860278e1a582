"""Retention policies at the desk: written by one, approved by another, with what their runs did."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from conversations.admin import cells
from conversations.admin.cells import column
from conversations.admin.confirming import Bill, Deed, Line, done_or_asked
from conversations.admin.reading import ForAdmins, ReadOnly, writing
from conversations.models import DeletionJob, RetentionBounds, RetentionPolicy, User
from conversations.models.deletion_jobs import JobState
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.retention import policies as runs
from conversations.stored import policies
from conversations.stored.policies import BadPolicy

RUNS_SHOWN = 20
STATES = {
    JobState.WAITING: ("expiring", "circle-help"),
    JobState.HALTED: ("failed", "octagon-alert"),
    JobState.FAILED: ("failed", "octagon-alert"),
    JobState.DONE: ("deleted", "check"),
}


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = RetentionPolicy
        fields = ["name", "team", "deployment", "days", "cap", "erase", "dry_run", "enabled"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            asked = {name: given[name] for name in ("team", "deployment", "days")}
            try:
                policies.check(RetentionPolicy(**asked))
            except BadPolicy as bad:
                self.add_error("days" if asked["team"] or asked["deployment"] else "team", str(bad))
        return given


@admin.register(RetentionPolicy)
class PolicyAdmin(ReadOnly):
    change_form_template = "admin/policy.html"
    form = PolicyForm
    list_display = ["name", "state", "of", "days", "cap", "last_run", "changed_by", "approved_by"]
    list_select_related = ["team", "deployment__endpoint", "changed_by", "approved_by"]
    fieldsets = [
        (None, {"fields": ["name"]}),
        (
            gettext_lazy("Which answers"),
            {
                "fields": ["team", "deployment"],
                "description": gettext_lazy(
                    "A team's, a deployment's, or with both what the team asked of that deployment. Where "
                    "several policies match, the narrower holds, then the shorter."
                ),
            },
        ),
        (gettext_lazy("What is done"), {"fields": ["days", "cap", "erase"]}),
        (gettext_lazy("Whether it runs"), {"fields": ["dry_run", "enabled"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RetentionPolicy]:
        """Staff who are limited to teams see those that delete what they see."""
        teams = rights.limits_of(rights.person_of(request))
        rows = super().get_queryset(request)
        return rows.filter(Q(team__in=teams) | Q(team=None)) if teams else rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and rights.may_set_policies(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.approve_view))
        return [path("<int:key>/approve/", view, name="policy-approve"), *super().get_urls()]

    @column(gettext_lazy("State"))
    def state(self, policy: RetentionPolicy) -> SafeString:
        return state_pill(policy)

    @column(gettext_lazy("Of"))
    def of(self, policy: RetentionPolicy) -> str:
        return scope_of(policy)

    @column(gettext_lazy("Last run"))
    def last_run(self, policy: RetentionPolicy) -> SafeString:
        run = policy.runs.order_by("-created_at").first()
        return cells.moment(run.created_at) if run else cells.NOTHING

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with writing(request):
            return super().add_view(request, *args, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        policy = self.get_object(request, object_id)
        told = {} if policy is None else shown(policy, rights.person_of(request))
        with writing(request):
            return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    def save_model(self, request: HttpRequest, obj: RetentionPolicy, form: Any, change: bool) -> None:
        approved = obj.approved_at
        policies.save(obj, user=rights.person_of(request), actor=of_request(request))
        if approved and not obj.approved_at:
            messages.warning(request, _("What it deletes has changed, so it needs to be approved again."))

    def approve_view(self, request: HttpRequest, key: int) -> HttpResponseBase:
        user = rights.person_of(request)
        if not rights.may_set_policies(user):
            raise PermissionDenied
        policy = get_object_or_404(self.get_queryset(request), pk=key)
        deed = Deed(
            bill=lambda: _approval(policy, user),
            act=lambda reason: policies.approve(policy, reason=reason, user=user, actor=of_request(request)),
            refusal=BadPolicy,
            done=_("The policy is approved."),
            back=reverse("admin:conversations_retentionpolicy_change", args=[policy.pk]),
        )
        return done_or_asked(request, self.admin_site, deed)


@admin.register(RetentionBounds)
class BoundsAdmin(ForAdmins):
    list_display = ["__str__"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not RetentionBounds.objects.exists()


def scope_of(policy: RetentionPolicy) -> str:
    return ", ".join(str(each) for each in (policy.team, policy.deployment) if each)


def state_pill(policy: RetentionPolicy) -> SafeString:
    if policy.trouble:
        return cells.pill(_("Stands still"), meaning="failed", icon_name="octagon-alert")
    if not policy.enabled:
        return cells.pill(_("Off"), icon_name="square")
    if policy.dry_run:
        return cells.pill(_("Dry run"), icon_name="search")
    if not policy.approved_at:
        return cells.pill(_("Not approved"), meaning="expiring", icon_name="circle-help")
    return cells.pill(_("In force"), meaning="stored", icon_name="calendar-clock")


def shown(policy: RetentionPolicy, user: User) -> dict[str, Any]:
    rows = policy.runs.order_by("-created_at")[:RUNS_SHOWN]
    seen = [] if rights.limits_of(user) else list(rows)
    return {
        "state_pill": state_pill(policy),
        "sentence": policies.sentence(policy),
        "runs": [{"row": row, "pill": _run_pill(row), "url": _page_of(row)} for row in seen],
        "may_approve": not policy.approved_at and rights.may_set_policies(user),
    }


def _run_pill(run: DeletionJob) -> SafeString:
    if run.state == JobState.CANCELLED and not run.executed_at:
        return cells.pill(_("Only planned"), icon_name="search")
    meaning, icon = STATES.get(JobState(run.state), ("", "loader"))
    return cells.pill(run.get_state_display(), meaning=meaning, icon_name=icon)


def _page_of(run: DeletionJob) -> str:
    try:
        return reverse("admin:conversations_deletionjob_change", args=[run.pk])
    except NoReverseMatch:
        return ""


def _approval(policy: RetentionPolicy, user: User) -> Bill:
    """What would go at the first run is told by asking, and binds nobody: the cap does."""
    oneself = policy.changed_by_id == user.pk
    lines = [
        Line(_("Answers of"), scope_of(policy)),
        Line(_("Deleted upstream after"), _("%d days of 24 hours") % policy.days),
        Line(_("At most in one run"), f"{policy.cap:,}", _("A run that would delete more asks first.")),
        Line(_("Text here"), _("goes as well, for good") if policy.erase else _("stays")),
        Line(_("Would go now"), f"{runs.count_going(policy):,}"),
    ]
    left_out = [Line(_("Your approval"), "—", _("You wrote it yourself; a second person must approve it."))]
    return Bill(
        title=_("Approve “%s”") % policy.name,
        lead=_("That approves its runs by themselves, until somebody changes what it deletes."),
        lines=lines,
        left_out=left_out if oneself else [],
        act=_("Approve this policy and its runs"),
        back=reverse("admin:conversations_retentionpolicy_change", args=[policy.pk]),
        is_possible=not oneself and not policy.approved_at,
    )

"""What each team may let its models call, and who is asked before: one table of all tools for a team."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from conversations.admin import cells, values
from conversations.admin.reading import ReadOnly
from conversations.models import Team, ToolPolicy
from conversations.models.tool_calls import Approvers, Use
from conversations.people import rights
from conversations.people.audit import audited, of_request
from conversations.tools import policies
from conversations.tools.policies import Rule

NOBODY = ("", gettext_lazy("Nobody: it runs at once"))


class RuleForm(forms.Form):
    """One tool. What an admin left alone is not written, whatever another one did to it meanwhile."""

    use = forms.ChoiceField(label=gettext_lazy("In this team"), choices=Use.choices, show_hidden_initial=True)
    asks = forms.ChoiceField(
        label=gettext_lazy("Who is asked"),
        choices=Approvers.choices,
        required=False,
        show_hidden_initial=True,
    )

    def __init__(self, rule: Rule, data: Any, *, may_set: bool) -> None:
        asks = rule.approvers if rule.needs_approval or rule.tool.is_manual else ""
        super().__init__(data, prefix=rule.tool.name, initial={"use": rule.use, "asks": asks})
        self.rule = rule
        if not rule.tool.is_manual:
            self.fields["asks"].choices = [NOBODY, *Approvers.choices]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{rule.tool.title}: {field.label}"
            field.disabled = not may_set
            field.show_hidden_initial = may_set and name in self.fields

    def wanted(self) -> Rule:
        given = {name: self.cleaned_data[name] for name in self.changed_data}
        asked = given.pop("asks", None)
        changed: dict[str, Any] = {name: Use(value) for name, value in given.items()}
        if asked is not None:
            changed["needs_approval"] = bool(asked) and not self.rule.tool.is_manual
        if asked:
            changed["approvers"] = Approvers(asked)
        return replace(self.rule, **changed)


@admin.register(ToolPolicy)
class ToolPolicyAdmin(ReadOnly):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.changelist_view))
        return [path("", view, name="conversations_toolpolicy_changelist")]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        user = rights.person_of(request)
        teams = list(rights.teams_at_desk(user).order_by("name"))
        team = _chosen(request, teams)
        if request.method == "POST":
            return self._save(request, teams, team)
        return self._page(request, teams, team, forms_of(team, None, may_set=rights.may_set_tools(user)))

    def _save(self, request: HttpRequest, teams: list[Team], team: Team | None) -> HttpResponse:
        if not rights.may_set_tools(rights.person_of(request)):
            raise PermissionDenied
        if team is None:
            raise Http404
        with audited():
            # Whoever saves at the same time waits for this one's rows.
            Team.objects.select_for_update(no_key=True).get(pk=team.pk)
            given = forms_of(team, request.POST, may_set=True)
            if not all(form.is_valid() for form in given):
                return self._page(request, teams, team, given)
            for form in given:
                policies.change(team, form.rule, form.wanted(), actor=of_request(request))
        messages.success(request, _("Saved. It holds for what is sent from now on."))
        return HttpResponseRedirect(f"?team={team.pk}")

    def _page(
        self, request: HttpRequest, teams: list[Team], team: Team | None, given: list[RuleForm]
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Tools"),
            "teams": teams,
            "team": team,
            "rows": [_row(form) for form in given],
            "may_set": rights.may_set_tools(rights.person_of(request)),
        }
        return TemplateResponse(request, "admin/tools.html", context)


def forms_of(team: Team | None, data: Any, *, may_set: bool) -> list[RuleForm]:
    rules = policies.rules_of(team.pk).values() if team else ()
    return [RuleForm(rule, data, may_set=may_set) for rule in rules]


def _chosen(request: HttpRequest, teams: list[Team]) -> Team | None:
    asked = request.GET.get("team")
    if asked is None:
        return teams[0] if teams else None
    team = next((team for team in teams if str(team.pk) == asked), None)
    if team is None:
        raise Http404
    return team


def _row(form: RuleForm) -> dict[str, Any]:
    tool = form.rule.tool
    kinds = [
        tool.is_manual and cells.pill(_("Answered by a person"), icon_name="user"),
        tool.repeatable and cells.pill(_("Repeatable"), icon_name="rotate-cw"),
    ]
    return {
        "form": form,
        "tool": tool,
        "pills": [pill for pill in kinds if pill],
        "schema": values.json_viewer(tool.definition["parameters"]),
    }

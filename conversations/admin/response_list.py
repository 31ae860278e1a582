"""The list of responses: filters, pages without counting, and search. It shows no text of anybody."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from conversations.admin import response_tools
from conversations.admin.tables import Chip
from conversations.models import Endpoint, Response, SearchGrant, User
from conversations.models.holds import SUBJECTS
from conversations.people import rights
from conversations.people.audit import of_request
from conversations.people.grants import REASON_MAX
from conversations.people.search_grants import active_search, grant_search
from conversations.stored.pages import Page, held_among, listed
from conversations.stored.searching import QUERY_MAX_CHARS, WINDOW_DAYS, BadSearch, Wanted, search
from conversations.stored.selection import BadSelection, Selection, responses_of
from conversations.stored.selection_form import SelectionForm

PREFIX = "conversations_response"
AFTER, BEFORE, SELECTION = "after", "before", "selection"
# Of the page itself, not filters.
OWN = (AFTER, BEFORE, ERROR_FLAG, IS_POPUP_VAR, IS_FACETS_VAR, "_changelist_filters", "_sheet")
WINDOWS = [(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))]
GROUPS = [
    (_("Who"), ("person", "team", "conversation", "origin")),
    (_("When"), ("days", "from", "to")),
    (_("Expiry"), ("expires_within", "expires_from", "expires_to")),
    (_("Where"), ("deployment", "endpoint", "model", "background")),
    (_("State"), ("status", "upstream", "held", "error")),
    (_("Tokens"), ("tokens_from", "tokens_to")),
    (_("Cost"), ("cost_from", "cost_to")),
    (_("Size"), ("size_from", "size_to")),
]


# Fields, and the lists of the page that what is typed there is completed from.
SUGGESTED = {
    "person": "suggested-people",
    "team": "suggested-teams",
    "deployment": "suggested-deployments",
    "endpoint": "suggested-endpoints",
}


class SearchForm(forms.Form):
    """What to search for; the reason is asked for where none is in force."""

    words = forms.CharField(label=_("Search in questions and answers"), max_length=QUERY_MAX_CHARS)
    window = forms.TypedChoiceField(
        label=_("How far back"), choices=WINDOWS, coerce=int, initial=WINDOW_DAYS, required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=REASON_MAX, required=False)
    after = forms.CharField(required=False, widget=forms.HiddenInput)


@dataclass
class Searched:
    """What was asked of the search; nothing is found before there is a reason."""

    form: SearchForm
    grant: SearchGrant | None

    @property
    def days(self) -> int:
        return (
            int(self.form.cleaned_data.get("window") or WINDOW_DAYS) if self.form.is_valid() else WINDOW_DAYS
        )


class ResponseChangeList(ChangeList):
    """A page of a selection, or of the hits of a search in it."""

    user: User
    selection: Selection
    page: Page
    problems: dict[str, list[str]]
    searched: Searched | None

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        self.filter_specs: list[Any] = []
        self.has_filters = True
        self.problems = {}
        self.searched = getattr(request, "searched", None)
        self.given, self.user = _filters(request), rights.person_of(request)
        try:
            self.selection = Selection.parse(self.given, self.user)
        except BadSelection as bad:
            self.selection, self.problems = Selection(), bad.errors
        self.has_active_filters = bool(self.selection) or bool(self.problems)
        rows = responses_of(self.user, self.selection)
        return rows.none() if self.problems else rows

    def get_results(self, request: HttpRequest) -> None:
        self.page = Page([])
        if not self.problems:
            try:
                self.page = self._search(request) if self.searched else self._listed(request)
            except (BadSelection, BadSearch) as bad:
                self.problems = bad.errors if isinstance(bad, BadSelection) else {"words": [str(bad)]}
        held = held_among(self.page.rows)
        for row in self.page.rows:
            row.held = row.pk in held  # type: ignore[attr-defined]  # for the cell
        self.result_list: Any = self.page.rows
        self.result_count, self.full_result_count = len(self.result_list), None
        self.show_full_result_count = self.can_show_all = False
        self.show_admin_actions = bool(self.result_list)
        self.multi_page = bool(self.page.before or self.page.after)

    def _listed(self, request: HttpRequest) -> Page:
        places = {name: request.GET.get(name, "") for name in (AFTER, BEFORE)}
        return listed(self.user, self.selection, **places)

    def _search(self, request: HttpRequest) -> Page:
        found = self.searched
        if found is None or found.grant is None or not found.form.is_valid():
            return Page([])
        wanted = Wanted(found.form.cleaned_data["words"], found.days, found.form.cleaned_data["after"])
        return search(self.user, self.selection, wanted, actor=of_request(request))

    @property
    def one_subject(self) -> str:
        """Of a selection by nothing but one person, team or conversation, for a hold on it."""
        named = [name for _attribute, name, _value in self.selection.values()]
        return self.selection.query() if len(named) == 1 and named[0] in SUBJECTS else ""

    @property
    def chips(self) -> list[Chip]:
        return [Chip(chip.label, chip.value, f"?{chip.query}") for chip in self.selection.describe()]

    @property
    def form(self) -> SelectionForm:
        form = SelectionForm(self.given, by=self.user)
        for name, listed_in in SUGGESTED.items():
            form.fields[name].widget.attrs |= {"list": listed_in, "autocomplete": "off"}
        return form

    @property
    def groups(self) -> list[tuple[Any, list[Any]]]:
        form = self.form
        return [(title, [form[name] for name in names]) for title, names in GROUPS]

    @property
    def next_link(self) -> str:
        return self._page_link(AFTER, self.page.after)

    @property
    def previous_link(self) -> str:
        return self._page_link(BEFORE, self.page.before)

    def _page_link(self, name: str, place: str) -> str:
        if not place or self.searched:
            return ""
        link = QueryDict(self.selection.query(), mutable=True)
        link[name] = place
        return f"?{link.urlencode()}"


class ResponseList(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """The part of the admin of responses that lists them."""

    change_list_template = "admin/conversations/response/change_list.html"
    actions = ["export_ticked"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ResponseChangeList

    def get_urls(self) -> list[URLPattern]:
        def door(route: str, view: Any, name: str) -> URLPattern:
            made: URLPattern = path(route, self.admin_site.admin_view(view), name=f"{PREFIX}_{name}")
            return made

        return [
            door("search/", self.search_view, "search"),
            door("suggestions/", response_tools.suggestions, "suggestions"),
            door("saved/", response_tools.save_filter, "save_filter"),
            door("saved/<int:key>/", response_tools.change_filter, "change_filter"),
            *super().get_urls(),
        ]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return rights.may_export(rights.person_of(request))

    @admin.action(description=_("Export"), permissions=["export"])
    def export_ticked(self, request: HttpRequest, chosen: QuerySet[Response]) -> HttpResponse:
        """Asks for the reason, as every export does."""
        ticked = Selection(ids=tuple(chosen.values_list("pk", flat=True)))
        return HttpResponseRedirect(f"{reverse('admin:conversations_export_add')}?{ticked.query()}")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if "" in request.GET.values():
            # A form sends its empty fields too; the address of a list shall be short and always the same.
            return HttpResponseRedirect(f"?{_filters(request).urlencode()}")
        user = rights.person_of(request)
        searched: Searched | None = getattr(request, "searched", None)
        context = {
            "search_form_of_page": searched.form if searched else SearchForm(),
            "grant": active_search(user),
            "may_hold": rights.may_hold(user),
            "may_plan": rights.may_plan_deletions(user),
            "saved_filters": response_tools.saved_filters(user),
            "deployments": rights.deployments_at_desk(user).select_related("endpoint"),
            "endpoints": rights.endpoints_at_desk(user),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """By POST, so that what somebody looks for stands in no address, history or log."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user, form = rights.person_of(request), SearchForm(request.POST)
        known = _by_id(request, form.data.get("words", "").strip())
        if known is not None:
            return HttpResponseRedirect(reverse("admin:conversations_response_change", args=[known.pk]))
        if form.is_valid() and form.cleaned_data["reason"].strip() and active_search(user) is None:
            grant_search(user, form.cleaned_data["reason"], actor=of_request(request))
        request.searched = Searched(form, active_search(user))  # type: ignore[attr-defined]  # for our list
        return self.changelist_view(request)


def _filters(request: HttpRequest) -> QueryDict:
    """The filters of an address, or those that a search is made within; empty fields of a form are none."""
    searched = hasattr(request, "searched")
    given = QueryDict(request.POST.get(SELECTION, "")) if searched else request.GET
    kept = QueryDict(mutable=True)
    for name, values in given.lists():
        if name not in OWN and any(values):
            kept.setlist(name, values)
    return kept


def _by_id(request: HttpRequest, text: str) -> Response | None:
    """An id is looked up and not searched for, which needs no reason: it is no text of anybody."""
    if not text.startswith("resp_"):
        return None
    endpoints = list(Endpoint.objects.values_list("pk", flat=True))
    rows = rights.responses_at_desk(rights.person_of(request))
    return rows.filter(endpoint__in=endpoints, response_id=text).first()

"""Beside the list of responses: names to complete while somebody types, and filters that people keep."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.models import SavedFilter, User
from conversations.people import rights
from conversations.stored.selection import BadSelection, Selection

SUGGESTED = 10
MOST_SHOWN = 200


class FilterForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = SavedFilter
        fields = ["name", "shared"]


def suggestions(request: HttpRequest) -> JsonResponse:
    """People or teams whose names begin so: the value for the filter, and what people read."""
    user, begin = _staff(request), request.GET.get("q", "")[:80].replace("\0", "")
    found = _teams(user, begin) if request.GET.get("of") == "team" else _people(user, begin)
    return JsonResponse({"suggestions": [{"value": value, "label": label} for value, label in found]})


def _people(user: User, begin: str) -> list[tuple[str, str]]:
    names = ("username", "first_name", "last_name")
    matching = Q(*((f"{name}__istartswith", begin) for name in names), _connector=Q.OR)
    rows = rights.people_at_desk(user).filter(matching).order_by("username")[:SUGGESTED]
    return [(row.username, row.name) for row in rows]


def _teams(user: User, begin: str) -> list[tuple[str, str]]:
    rows = rights.teams_at_desk(user).filter(name__istartswith=begin).order_by("name")[:SUGGESTED]
    return [(row.name, row.name) for row in rows]


def saved_filters(user: User) -> list[SavedFilter]:
    """Without those of colleagues that name what this person may not see."""
    rows = list(rights.saved_filters_of(user)[:MOST_SHOWN])
    return [row for row in rows if row.owner_id == user.pk or _makes_sense(row, user)]


def _makes_sense(row: SavedFilter, user: User) -> bool:
    if not rights.limits_of(user):
        return True
    try:
        Selection.parse(QueryDict(row.query), user)
    except BadSelection:
        return False
    return True


def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep a selection under a name; the same name again takes the place of the one before."""
    user = _staff(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = FilterForm(request.POST)
    try:
        query = Selection.parse(QueryDict(request.POST.get("selection", "")), user).query()
    except BadSelection as bad:
        messages.error(request, str(bad))
        return _back("")
    if form.is_valid():
        values = {"query": query, "shared": form.cleaned_data["shared"]}
        SavedFilter.objects.update_or_create(owner=user, name=form.cleaned_data["name"], defaults=values)
        messages.success(request, _("The filter is saved as “%s”.") % form.cleaned_data["name"])
    else:
        messages.error(request, _("Give the filter a name of at most 80 characters."))
    return _back(query)


def change_filter(request: HttpRequest, key: int) -> HttpResponse:
    """Rename, share or delete one's own."""
    user = _staff(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    row = SavedFilter.objects.filter(pk=key, owner=user).first()
    if row is None:
        raise Http404
    if "delete" in request.POST:
        row.delete()
        messages.success(request, _("The filter “%s” is deleted.") % row.name)
        return _back(row.query)
    form = FilterForm(request.POST, instance=row)
    if form.is_valid() and not _taken(user, row, form.cleaned_data["name"]):
        form.save()
    else:
        messages.error(request, _("Give the filter a name that none of your others has."))
    return _back(row.query)


def _taken(user: User, row: SavedFilter, name: str) -> bool:
    return SavedFilter.objects.filter(owner=user, name=name).exclude(pk=row.pk).exists()


def _staff(request: HttpRequest) -> User:
    user = rights.person_of(request)
    if not user.at_the_desk:
        raise PermissionDenied
    return user


def _back(query: str) -> HttpResponseRedirect:
    address = reverse("admin:conversations_response_changelist")
    return HttpResponseRedirect(f"{address}?{query}" if query else address)

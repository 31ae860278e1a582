"""My data: what is stored of the person who looks, where, until when, and who has looked at it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from conversations import clock
from conversations.chat import own_deletes
from conversations.chat.refusals import Refusal
from conversations.models.exports import Format, Scope
from conversations.models.imports import UNFINISHED
from conversations.people.audit import of_request
from conversations.people.rights import person_of
from conversations.stored import own
from conversations.stored.exporting import Wanted
from conversations.stored.own_deleted import deleted_by
from conversations.stored.own_files import files_of
from conversations.stored.tasks import export


@require_safe
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    made = list(own.exports(user))
    return render(
        request,
        "my_data.html",
        {
            "now": clock.now(),
            "totals": own.totals(user),
            "states": own.states(user),
            "places": own.places(user),
            "threads": own.threads(user),
            "files": files_of(user),
            "calls": own.calls(user),
            "browsed": own.browsed(user),
            "copies": own.copies(user),
            "looks": own.looks(user),
            "deleted": deleted_by(user),
            "exports": made,
            "formats": Format.choices,
            "shown": own.SHOWN,
            "running": any(each.status in UNFINISHED for each in made),
        },
    )


@require_POST
@never_cache
@login_required
def restore(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """One that was deleted, to its page; the list tells where it is too late."""
    try:
        own_deletes.restore(person_of(request), conversation, actor=of_request(request))
    except Refusal as refused:
        if refused.code == "not_found":
            raise Http404 from refused
        return redirect("/my-data/#deleted")
    return redirect("conversation", conversation)


@require_POST
@never_cache
@login_required
def take_along(request: HttpRequest) -> HttpResponse:
    """Everything, as an archive."""
    kind = request.POST.get("format", "")
    if kind not in Format.values:
        return HttpResponseBadRequest()
    wanted = Wanted(actor=of_request(request), by=person_of(request), scope=Scope.OWN, format=Format(kind))
    export(wanted)
    return redirect("/my-data/#exports")

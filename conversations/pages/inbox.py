"""Waiting for you: what somebody has to do, what was done, and what comes by e-mail as well."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from conversations.models import Notice, NoticeChoice
from conversations.models.notices import ByMail, NoticeKind
from conversations.people.notices import deliveries, inbox, wording
from conversations.people.notices.wording import Words
from conversations.people.rights import person_of

# Meaning, as everywhere, and icon.
LOOKS = {
    NoticeKind.SECOND_SIGNATURE: ("expiring", "users"),
    NoticeKind.POLICY_APPROVAL: ("expiring", "calendar-clock"),
    NoticeKind.TOOL_APPROVAL: ("expiring", "circle-help"),
    NoticeKind.COMPUTER_CHECK: ("expiring", "monitor"),
    NoticeKind.BACKLOG: ("failed", "hourglass"),
    NoticeKind.JOB_HALTED: ("failed", "octagon-alert"),
    NoticeKind.POLICY_FAILED: ("failed", "octagon-alert"),
    NoticeKind.JOB_DONE: ("stored", "circle-check"),
}


@dataclass(frozen=True)
class Shown:
    row: Notice
    words: Words
    meaning: str
    icon: str


@require_safe
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """What it shows counts as seen from then on."""
    user = person_of(request)
    waiting, done = list(inbox.waiting(user)), list(inbox.done(user))
    context = {
        "waiting": [_shown(row) for row in waiting],
        "done": [_shown(row) for row in done],
        "by_mail": deliveries.choice_of(user),
        "choices": ByMail.choices,
        "mail_is_on": settings.EMAIL_ON,
    }
    inbox.look(user, [*waiting, *done])
    return render(request, "inbox.html", context)


def _shown(row: Notice) -> Shown:
    meaning, icon = LOOKS[NoticeKind(row.kind)]
    return Shown(row, wording.words_of(row), meaning, icon)


@require_POST
@never_cache
@login_required
def choose_mail(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("by_mail", "")
    if wanted not in ByMail.values:
        return HttpResponseBadRequest()
    NoticeChoice.objects.update_or_create(person=person_of(request), defaults={"by_mail": wanted})
    return redirect("/inbox/#mail")

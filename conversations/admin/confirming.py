"""Asks before anything that can't be taken back, like a bill: what, how many, what is left out and why.

An action of a list, or a view, makes a `Bill` and returns `ask(…)` until there is a reason:

    reason = reason_given(request)
    if reason is None:
        return ask(request, self.admin_site, bill, again={"action": "…", "_selected_action": pks})

A view that does one thing is all said by `done_or_asked`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
CONFIRMED = "_confirmed"


@dataclass(frozen=True)
class Line:
    """`note` says why, where something is left out."""

    title: Words
    amount: int | str
    note: Words = ""


@dataclass(frozen=True)
class Bill:
    """`act` is the word on the button: it names what it does, with the number in it."""

    title: Words
    lead: Words
    lines: Sequence[Line]
    act: Words
    back: str
    left_out: Sequence[Line] = ()
    samples: Sequence[str] = ()
    total: int | str = ""
    is_possible: bool = True


@dataclass(frozen=True)
class Deed:
    """What is done with the reason, once there is one; `refusal` is what it raises, with words for people."""

    bill: Callable[[], Bill]
    act: Callable[[str], object]
    refusal: type[Exception]
    done: Words
    back: str


class Reason(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It is kept in the audit trail, with your name."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def reason_given(request: HttpRequest) -> str | None:
    """The reason, once the bill was confirmed with one."""
    form = Reason(request.POST)
    return form.cleaned_data["reason"] if CONFIRMED in request.POST and form.is_valid() else None


def ask(
    request: HttpRequest, site: AdminSite, bill: Bill, *, again: Mapping[str, Sequence[str]]
) -> TemplateResponse:
    """The page with the bill; `again` is what its form sends beside the reason."""
    form = Reason(request.POST if CONFIRMED in request.POST else None)
    hidden = [(name, value) for name, values in again.items() for value in values]
    context = {"bill": bill, "form": form, "hidden": hidden, "title": bill.title}
    return TemplateResponse(request, "admin/confirmation.html", site.each_context(request) | context)


def done_or_asked(request: HttpRequest, site: AdminSite, deed: Deed) -> HttpResponseBase:
    reason = reason_given(request)
    if reason is None:
        return ask(request, site, deed.bill(), again={})
    try:
        deed.act(reason)
    except deed.refusal as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, str(deed.done))
    return redirect(deed.back)

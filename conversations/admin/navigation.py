"""The sections of the desk, in the order of the side bar. One shows as soon as a list of it may be seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

Words = str | Promise

# Title, icon, and the models whose lists stand in it, by their names in addresses.
SECTIONS: list[tuple[Words, str, tuple[str, ...]]] = [
    (_("Responses"), "archive", ("response", "item")),
    (_("Conversations"), "messages-square", ("conversation", "turn")),
    (_("Deletions"), "trash-2", ("deletionjob", "deletion")),
    (_("Holds"), "lock", ("hold", "heldcopy")),
    (_("Policies"), "calendar-clock", ("retentionpolicy", "retentionbounds")),
    (_("Exports & imports"), "upload", ("export", "importjob", "reconciliation")),
    (_("Audit trail"), "scroll-text", ("auditentry", "readgrant")),
    (_("People & teams"), "users", ("user", "team")),
    (_("Tools"), "wrench", ("toolpolicy",)),
    (_("Notices"), "bell", ("noticechannel", "delivery")),
    (_("Computer use"), "monitor", ("computerrun", "computerpolicy")),
    (_("Deployments"), "server", ("deployment", "endpoint", "mcpserver", "worker")),
    (_("Capabilities"), "list-checks", ("knownmodel", "apiversion", "region", "limit")),
]


@dataclass(frozen=True)
class Link:
    title: Words
    url: str
    is_current: bool


@dataclass(frozen=True)
class Section:
    title: Words
    icon: str
    url: str
    is_current: bool
    lists: Sequence[Link] = ()


@dataclass(frozen=True)
class Navigation:
    sections: Sequence[Section]

    @classmethod
    def at(cls, path: str, available_apps: list[Any]) -> Self:
        lists = dict(_lists(path, available_apps))
        home = reverse("admin:index")
        sections = [Section(_("Overview"), "layout-dashboard", home, is_current=path == home)]
        for title, icon, models in SECTIONS:
            sections += _section(title, icon, [lists.pop(model) for model in models if model in lists])
        for rest in lists.values():
            sections += _section(rest.title, "table", [rest])
        return cls(sections)

    @property
    def current(self) -> Section | None:
        return next((section for section in self.sections if section.is_current), None)


def _section(title: Words, icon: str, lists: list[Link]) -> list[Section]:
    if not lists:
        return []
    return [Section(title, icon, lists[0].url, any(each.is_current for each in lists), lists)]


def _lists(path: str, available_apps: list[Any]) -> Iterator[tuple[str, Link]]:
    for app in available_apps:
        for model in app["models"]:
            url = model["admin_url"]
            if url:
                title = capfirst(str(model["name"]))
                yield model["object_name"].lower(), Link(title, url, path.startswith(url))

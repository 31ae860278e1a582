"""The pages of the chat: shells around bootstrap data; the rest comes as JSON and over the socket."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext, ngettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from conversations.chat import shapes, snapshots, sockets
from conversations.models import ComputerPolicy, Conversation, Deployment, Team, User
from conversations.models.tool_calls import Use
from conversations.people import rights
from conversations.people.notices import inbox
from conversations.stored import capabilities
from conversations.tools.computers import policy_of, usual_plan, why_no_browser
from conversations.tools.policies import rules_of


@require_safe
@never_cache
@login_required
@ensure_csrf_cookie
def home(request: HttpRequest) -> HttpResponse:
    return _chat(request, None)


@require_safe
@never_cache
@login_required
@ensure_csrf_cookie
def conversation(request: HttpRequest, conversation: UUID) -> HttpResponse:
    row = (
        snapshots.with_state(rights.conversations_of(rights.person_of(request)))
        .filter(pk=conversation)
        .first()
    )
    if row is None:
        raise Http404
    return _chat(request, row)


def _chat(request: HttpRequest, row: Conversation | None) -> HttpResponse:
    user = rights.person_of(request)
    return render(
        request,
        "chat/chat.html",
        {
            "bootstrap": bootstrap(user, row),
            "conversation": row,
            "shop": _has_shop(user),
            "undo": span(settings.OWN_DELETE_UNDO_SECONDS),
        },
    )


def _has_shop(user: User) -> bool:
    """Whether models may visit the shop of the demo's stand-in, in the team that one begins in."""
    team = rights.teams_of(user).first() if settings.DEMO and not why_no_browser() else None
    policy = policy_of(team.pk) if team else None
    return policy is not None and urlsplit(policy.start_url).netloc in settings.COMPUTER_LOCAL_SITES


def span(seconds: int) -> str:
    """In the largest unit that it is a whole number of; nothing for nothing."""
    if not seconds:
        return ""
    for unit, words in (
        (86_400, ngettext_lazy("%d day", "%d days")),
        (3600, ngettext_lazy("%d hour", "%d hours")),
        (60, ngettext_lazy("%d minute", "%d minutes")),
    ):
        if seconds % unit == 0:
            return words % (seconds // unit)
    return ngettext("%d second", "%d seconds", seconds) % seconds


def bootstrap(user: User, row: Conversation | None) -> dict[str, Any]:
    """What the page's scripts begin with."""
    # The conversation's own too, should it have been switched off since.
    current = Q(pk=row.deployment_id if row else None)
    deployments = Deployment.objects.filter(Q(enabled=True) | current).select_related("endpoint")
    return {
        "user": shapes.person(user),
        "conversation": None if row is None else shapes.conversation(row, viewer=user),
        "teams": [_team(team) for team in rights.teams_of(user)],
        "deployments": [_deployment(deployment) for deployment in deployments],
        "limits": sockets.limits(),
        "waiting": inbox.count(user),
        "no_browser": why_no_browser(),
        "urls": {
            "home": reverse("home"),
            "conversations": reverse("conversations"),
            "socket": "/ws/conversations/",
            "logout": reverse("logout"),
            "admin": reverse("admin:index") if user.at_the_desk else None,
        },
    }


def _team(row: Team) -> dict[str, Any]:
    """With the tools and MCP servers that its models may call, and what is known of them before."""
    rules = [rule for rule in rules_of(row.pk).values() if rule.use != Use.OFF]
    return {
        "id": row.pk,
        "name": row.name,
        "store_upstream": row.store_upstream,
        "computer": _browsing(policy_of(row.pk)),
        "tools": [
            {
                "name": rule.tool.name,
                "title": str(rule.tool.title),
                "description": rule.tool.description,
                "on": rule.use == Use.ON,
                "asks": rule.needs_approval or rule.tool.is_manual,
            }
            for rule in rules
        ],
        "mcp_servers": list(rights.mcp_servers_of(row.pk).values("label", "description")),
    }


def _browsing(policy: ComputerPolicy | None) -> dict[str, Any] | None:
    """What its models' browsers begin with, and what people may choose instead."""
    if policy is None:
        return None
    most = {
        "display_width": policy.most_width,
        "display_height": policy.most_height,
        "most_steps": policy.most_steps,
        "most_seconds": policy.most_seconds,
    }
    usual = asdict(usual_plan(policy))
    return {"may_choose": policy.may_choose, "usual": usual, "most": most, "sites": policy.hosts}


def _deployment(row: Deployment) -> dict[str, Any]:
    endpoint, abilities = row.endpoint, capabilities.abilities_of(row)
    return shapes.deployment(row) | {
        "model": row.model,
        "background": row.background,
        "keep": row.keep,
        "host": urlsplit(endpoint.base_url).netloc,
        "retention_days": endpoint.retention_days,
        "context_window": abilities.context_window,
        "max_output_tokens": abilities.max_output_tokens,
        "abilities": abilities.as_json(),
        "remark": abilities.remark,
    }

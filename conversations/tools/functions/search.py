"""Search in what the team has talked about, with links back."""

from dataclasses import dataclass
from typing import Annotated

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation, Item, Response
from conversations.models.conversations import Visibility
from conversations.people import rights
from conversations.stored import searching
from conversations.stored.wording import words_of
from conversations.tools.registry import Context, ToolError, tool

MOST = 8
DAYS = 365
BEFORE, AFTER = 120, 280


@dataclass(frozen=True)
class Found:
    conversation: str
    link: str
    asked_by: str
    date: str
    excerpt: str


@tool(title=_("Search in the team's conversations"), repeatable=True)
def search_conversations(
    words: Annotated[
        str, "Words that must all be in a message or its answer; quote those that stand together"
    ],
    context: Context,
) -> list[Found] | str:
    """Search in the team's own earlier conversations of the last year. Cite what you use as a Markdown link
    to its `link`, exactly as it is given.
    """
    rows = Response.objects.filter(conversation__in=_open_to_readers(context)).exclude(
        conversation=context.conversation
    )
    try:
        page = searching.hits_in(rows, words, days=DAYS, size=MOST)
    except searching.BadSearch as bad:
        raise ToolError(str(bad)) from bad
    return [_found(row, words) for row in page.rows] or "Nothing was found."


def _open_to_readers(context: Context) -> QuerySet[Conversation]:
    """What the one who asks may open, without what is private where the answer will not be."""
    rows = rights.conversations_of(context.asker).filter(team=context.conversation.team_id)
    shared = Q(visibility=Visibility.TEAM)
    is_private = context.conversation.visibility == Visibility.PRIVATE
    return rows.filter(shared | Q(owner=context.asker)) if is_private else rows.filter(shared)


def _found(row: Response, words: str) -> Found:
    conversation = Conversation.objects.get(responses=row)
    return Found(
        conversation=conversation.title or str(_("Conversation")),
        link=reverse("conversation", args=[conversation.pk]),
        asked_by=row.person.name if row.person else "",
        date=row.queued_at.date().isoformat(),
        excerpt=_excerpt(row, words),
    )


def _excerpt(row: Response, words: str) -> str:
    """Around the first of the words; from the start where they are spelt in another way."""
    items = Item.objects.filter(response=row).order_by("direction", "position")
    text = "\n".join(
        text for payload in items.values_list("payload", flat=True) for text in words_of(payload)
    )
    folded = text.casefold()
    places = [folded.find(word) for word in words.replace('"', " ").casefold().split()]
    start = max(0, min((place for place in places if place >= 0), default=0) - BEFORE)
    end = start + BEFORE + AFTER
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"

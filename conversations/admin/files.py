"""The pictures and documents of a response at the desk, for whoever may read it."""

from collections.abc import Iterable

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.admin.showing import Block, Row
from conversations.models import Attachment, Response
from conversations.stored import handing_out, references


def show(response: Response, rows: Iterable[Row]) -> None:
    """Fills in what the blocks of these rows lack of the files that they name."""
    blocks = [block for row in rows for block in _blocks(row) if block.attachment]
    if not blocks:
        return
    named = {block.attachment for block in blocks}
    rows_here = references.reachable(response).filter(content__in=named).select_related("content")
    known = {row.content_id: row for row in rows_here}
    for block in blocks:
        if block.attachment in known:
            _fill(block, known[block.attachment], response)


def _blocks(row: Row) -> Iterable[Block]:
    return [block for side in (row.here, row.there) if side for block in side.blocks]


def _fill(block: Block, row: Attachment, response: Response) -> None:
    block.href = reverse("admin:conversations_response_file", args=[response.pk, row.content_id])
    block.picture = block.href if row.content_type in handing_out.DRAWN else ""
    block.name = row.name or block.name
    size = filesizeformat(row.content.size)
    block.facts = f"{row.content_type} · {size} · SHA-256 {row.content_id}"
    block.text = row.text.replace("\f", "\n\n")
    if row.pages and row.text_pages is not None and row.text_pages < row.pages:
        told = {"read": row.text_pages, "pages": row.pages}
        block.text += "\n\n" + _("Here ends what was read: %(read)d of %(pages)d pages.") % told


def named(response: Response) -> set[str]:
    return set(references.reachable(response).values_list("content", flat=True))

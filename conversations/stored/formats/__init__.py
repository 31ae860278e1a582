"""What an export looks like: each format turns rows into files.

They come in pieces, so that memory doesn't grow with them; those of one file must be used up before the next
file is asked for.
"""

from collections.abc import Callable, Iterator

from conversations.models import Response
from conversations.models.exports import Format
from conversations.stored.formats import lines, pages, tables, texts

File = tuple[str, Iterator[str]]

FORMATS: dict[Format, Callable[[Iterator[Response]], Iterator[File]]] = {
    Format.JSONL: lines.files,
    Format.CSV: tables.files,
    Format.MARKDOWN: texts.files,
    Format.HTML: pages.files,
}
# These make a file of each conversation and need its rows side by side.
BY_CONVERSATION = (Format.MARKDOWN, Format.HTML)

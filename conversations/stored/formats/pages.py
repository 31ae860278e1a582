"""A page for each conversation that needs nothing else, in a browser and on paper."""

from collections.abc import Iterator

from django.utils.html import format_html, format_html_join

from conversations.models import Attachment, Response
from conversations.stored.formats.rows import Passage, Said, conversations, facts, file_of
from conversations.stored.formats.times import for_people
from conversations.stored.telling import Line

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d9dce1, #3a3f47); --soft: light-dark(#f1f2f4, #24272c);
  --quiet: light-dark(#5b626d, #a2a9b4); }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.6 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.3; overflow-wrap: anywhere; }
h2 { margin: 1.5rem 0 .25rem; font-size: .875rem; }
h2 time { color: var(--quiet); font-weight: normal; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; }
.asked { padding: .5rem .875rem; border-radius: 10px; background: var(--soft); }
img { max-width: 100%; max-height: 30rem; border: 1px solid var(--line); border-radius: 10px; }
.label { margin: .5rem 0 0; color: var(--quiet); font-size: .75rem; }
.code { font: 13px/1.5 ui-monospace, monospace; }
dl { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: .5rem 0 0; color: var(--quiet); font-size: .75rem; }
dl div { display: flex; gap: .25rem; }
dd { margin: 0; overflow-wrap: anywhere; }
section { padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } section { break-inside: auto; }
  h2 { break-after: avoid; } .asked { border: 1px solid var(--line); } }
"""
HEAD = (
    '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width">\n'
    '<meta http-equiv="Content-Security-Policy"'
    " content=\"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:\">\n"
    "<title>{}</title>\n<style>"
)


def files(rows: Iterator[Response]) -> Iterator[tuple[str, Iterator[str]]]:
    for name, title, passages in conversations(rows):
        yield f"{name}.html", _page(title, passages)


def _page(title: str, passages: Iterator[Passage]) -> Iterator[str]:
    yield format_html(HEAD, title) + STYLE + format_html("</style>\n<h1>{}</h1>\n", title)
    for passage in passages:
        yield _section(passage)
    yield "</html>\n"


def _section(passage: Passage) -> str:
    at = passage.row.queued_at
    moment = format_html('<time datetime="{}">{}</time>', at.isoformat(), for_people(at))
    asked = [_said(said, "asked", moment) for said in passage.asked]
    answered = [_said(said, "answered", moment) for said in passage.answered]
    told = format_html_join("\n", "<div><dt>{}:</dt><dd>{}</dd></div>", facts(passage.row))
    body = format_html_join("", "{}", ((each,) for each in asked + answered))
    return format_html("<section>\n{}<dl>\n{}\n</dl>\n</section>\n", body, told)


def _said(said: Said, kind: str, moment: str) -> str:
    kind += " code" if said.code else ""
    files = format_html_join("", "<p>{}</p>\n", ((_file(each),) for each in said.files))
    words = format_html('<div class="said {}">{}</div>\n', kind, said.text) if said.text else ""
    lines = format_html_join("", "{}", ((_line(each),) for each in said.lines))
    return format_html("<h2>{} {}</h2>\n{}{}{}", said.who, moment, files, words, lines)


def _line(line: Line) -> str:
    kind = "said code" if line.code else "said"
    return format_html('<p class="label">{}</p><div class="{}">{}</div>\n', line.label, kind, line.text)


def _file(row: Attachment) -> str:
    if row.is_picture:
        return format_html('<img src="{}" alt="{}">', file_of(row), row.alt or row.name)
    return format_html('<a href="{}">{}</a>', file_of(row), row.name or "file")

"""Web search: one search, one page opened, and an answer that cites two pages."""

from conversations.emulator.hosted.work import Json, Work
from conversations.emulator.objects import new_id
from conversations.emulator.streaming.calls import Call

PAGES = (
    ("Retention and deletion in practice", "https://learn.example.com/retention?utm_source=emulator"),
    ("A field guide to the Responses API", "https://blog.example.org/responses-api"),
)


def work(given: Work) -> Work:
    search: Json = {"type": "search", "query": given.subject, "queries": [given.subject]}
    if given.includes("web_search_call.action.sources"):
        search["sources"] = [{"type": "url", "url": url} for _title, url in PAGES]
    given.calls += [_call(search), _call({"type": "open_page", "url": PAGES[0][1]})]
    given.say(f"I looked for “{given.subject}” on the web. ")
    for (title, url), sentence in zip(PAGES, SENTENCES, strict=True):
        given.say(sentence)
        given.cite(f"([{title}]({url}))", type="url_citation", title=title, url=url)
        given.say(". ")
    return given.say("\n\n")


SENTENCES = (
    "Stored responses are kept for thirty days unless they are deleted before ",
    "Deleting one in the middle of a chain leaves the others whole ",
)


def _call(action: Json) -> Call:
    opened = {"id": new_id("ws"), "type": "web_search_call", "status": "in_progress"}
    return Call(
        {**opened, "action": {"type": action["type"]}},
        {"status": "completed", "action": action},
        at_first=("in_progress", "searching"),
        at_last=("completed",),
    )

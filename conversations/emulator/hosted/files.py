"""File search: two queries over the vector stores, and an answer that cites what was found."""

from conversations.emulator.hosted.work import Work
from conversations.emulator.objects import new_id
from conversations.emulator.streaming.calls import Call

FOUND = (
    (
        "file-emulated1handbook",
        "handbook.pdf",
        "Holidays are agreed on two weeks ahead, in the team's calendar.",
    ),
    (
        "file-emulated2travel",
        "travel-policy.md",
        "Trains before planes where a journey takes less than six hours.",
    ),
)


def work(given: Work) -> Work:
    results = None
    if given.includes("file_search_call.results"):
        results = [
            {"file_id": file, "filename": name, "score": 0.9 - 0.2 * at, "text": text, "attributes": {}}
            for at, (file, name, text) in enumerate(FOUND)
        ]
    opened = {"id": new_id("fs"), "type": "file_search_call", "status": "in_progress", "queries": []}
    done = {"status": "completed", "queries": [given.subject, f"{given.subject} policy"], "results": results}
    given.calls.append(Call(opened, done, at_first=("in_progress", "searching"), at_last=("completed",)))
    for file, name, text in FOUND:
        given.say(text).point(type="file_citation", file_id=file, filename=name).say(" ")
    return given.say("\n\n")

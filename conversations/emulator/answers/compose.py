"""One answer to one conversation."""

import re

from conversations.emulator.answers import arithmetic, essays, memory, topics, voice
from conversations.emulator.answers.draft import Draft
from conversations.emulator.answers.talk import Talk

REFUSAL = "I'm sorry, but I can't help with that."


def compose(talk: Talk) -> str:
    if looked := _looked(talk):
        return voice.spoken(talk, looked, "")
    recalled = memory.recall(talk) or arithmetic.result(talk)
    if recalled:
        return voice.spoken(talk, recalled, "")
    draft = essays.write(talk) if essays.wanted(talk) else topics.answer(talk, memory.name(talk))
    return voice.spoken(talk, draft, memory.reminder(talk))


SEEN_BEFORE = re.compile(r"\b(picture|image|photo|screenshot|document|file|pdf)s?\b", re.IGNORECASE)


def _looked(talk: Talk) -> Draft | None:
    """What is to be seen in the question, or was before where it asks about that."""
    if talk.seen:
        return Draft(talk.seen[0], "\n\n".join(talk.seen[1:]))
    if talk.seen_earlier and SEEN_BEFORE.search(talk.question):
        return Draft(f"You showed me earlier: {talk.seen_earlier[-1]}")
    return None


def summary(talk: Talk) -> list[str]:
    """What a reasoning model shows of its thoughts."""
    asked = memory.short(talk.question)
    return [f"**Reading the question**\n\nThe person asks: “{asked}”. {_known(talk)}", FORM]


FORM = (
    "**Choosing a form**\n\nA short statement should come first, then whatever is easiest to check: a table "
    "for choices, code with tests for code, steps for plans. I will end with what I would need to know."
)


def _known(talk: Talk) -> str:
    if not talk.earlier:
        return "Nothing was said before, so the answer has to stand on its own."
    last = memory.short(talk.earlier[-1])
    return f"Before that they said “{last}”, which the answer should take up."

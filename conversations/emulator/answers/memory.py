"""What the person told the model earlier in the chain, which is how one sees that the chain is there."""

import re

from conversations.emulator.answers.draft import Draft
from conversations.emulator.answers.talk import Talk

NAME = re.compile(r"\b(?i:my name is|i am called|call me|i'm called)\s+([A-Z]\w*(?:[ -][A-Z]\w*)?)")
FACT = re.compile(r"\b(?:my|our)\s+([\w ]{2,40}?)\s+(?:is|are)\s+([^.!?\n]+)", re.IGNORECASE)
ASKED_FACT = re.compile(
    r"\b(?:what|who|when|where)(?: is|'s| are| was)\s+(?:my|our)\s+([\w ]{2,40})", re.IGNORECASE
)
ASKED_ALL = re.compile(
    r"\bwhat (?:did|have) (?:i|we) (?:say|said|tell|told|ask|asked|write|written)\b|\bdo you remember\b"
    r"|\bwhat do you (?:know|remember)\b|\brepeat what i\b",
    re.IGNORECASE,
)
QUOTED = 160


def name(talk: Talk) -> str:
    """What the person is called; the latest wins."""
    found = [
        match[1]
        for text in [talk.instructions, *talk.earlier, talk.question]
        for match in NAME.finditer(text)
    ]
    return found[-1] if found else ""


def recall(talk: Talk) -> Draft | None:
    """The answer to a question about what was said before, if this is one."""
    asked = ASKED_FACT.search(talk.question)
    if asked:
        return _fact(talk, asked[1].strip().lower())
    if ASKED_ALL.search(talk.question):
        return _everything(talk)
    introduced = NAME.search(talk.question)
    if introduced and len(talk.question) < QUOTED:
        return Draft(f"Nice to meet you, **{introduced[1]}**! I'll remember that for this conversation.")
    return None


def _fact(talk: Talk, wanted: str) -> Draft:
    facts = {key.strip().lower(): value.strip() for text in talk.earlier for key, value in FACT.findall(text)}
    if wanted == "name" and name(talk):
        facts["name"] = name(talk)
    if wanted in facts:
        told = [text for text in talk.earlier if facts[wanted] in text]
        return Draft(
            f"Your {wanted} is **{facts[wanted]}**.", f"You told me earlier:\n\n{_quotes(told[-1:])}".strip()
        )
    return Draft(f"You haven't told me your {wanted} in this conversation yet. What is it?")


def _everything(talk: Talk) -> Draft:
    if not talk.earlier:
        return Draft("This is the first thing you've told me: our conversation has only just begun.")
    count = len(talk.earlier)
    told = "one thing" if count == 1 else f"{count} things"
    return Draft(f"You told me earlier {told}, in this order:", _quotes(talk.earlier))


def _quotes(texts: list[str]) -> str:
    return "\n\n".join(f"> {short(text)}" for text in texts)


def reminder(talk: Talk) -> str:
    """A line that ties an answer to what came before."""
    return f"You told me earlier: “{short(talk.earlier[-1])}”. With that in mind:" if talk.earlier else ""


def short(text: str) -> str:
    """One line of it, without what Markdown would make of it."""
    line = re.sub(r"[*_`#|<>\[\]]", "", " ".join(text.split()))
    line = line.rstrip(".")
    return line if len(line) <= QUOTED else f"{line[:QUOTED].rsplit(' ', 1)[0]}…"

"""How an answer is said: what instructions, or the question itself, ask of its form."""

import re
from collections.abc import Callable

from conversations.emulator.answers.draft import Draft
from conversations.emulator.answers.talk import Talk

QUOTED = r"[\"“]?(?P<words>[^\"”\n]+?)[\"”]?\s*(?:[.!]?\s*$|[.!]\s)"
END_WITH = re.compile(rf"\b(?:end|finish|close|sign off)\b[^.\n]{{0,40}}?\bwith:?\s+{QUOTED}", re.IGNORECASE)
START_WITH = re.compile(rf"\b(?:start|begin|open)\b[^.\n]{{0,40}}?\bwith:?\s+{QUOTED}", re.IGNORECASE)
ONE_SENTENCE = re.compile(r"\b(?:one|a single|1) (?:short )?sentence\b", re.IGNORECASE)
BRIEF = re.compile(r"\b(?:brief(?:ly)?|short answers?|concise(?:ly)?|keep it short)\b", re.IGNORECASE)
PIRATE = re.compile(r"\bpirates?\b", re.IGNORECASE)
SHOUT = re.compile(r"\b(?:all caps|upper ?case|capital letters|shout)\b", re.IGNORECASE)
CODE = re.compile(r"(```.*?```|`[^`\n]*`|\]\([^)]*\))", re.DOTALL)

PIRATE_WORDS = {
    "hello": "ahoy", "hi": "ahoy", "my": "me", "you": "ye", "your": "yer", "you're": "ye be", "is": "be",
    "are": "be", "friend": "matey", "yes": "aye", "team": "crew", "teams": "crews", "customer": "landlubber",
    "plan": "chart", "people": "hands", "person": "hand", "money": "doubloons", "everyone": "all hands",
}  # fmt: skip


def spoken(talk: Talk, draft: Draft, reminder: str) -> str:
    """The draft in the form that was asked for; ``reminder`` stands before it unless it must be short."""
    asked = f"{talk.instructions}\n{talk.question}"
    text = _sized(asked, draft, reminder)
    if PIRATE.search(asked):
        text = f"Arr! {_prose(text, _pirate)}"
    if SHOUT.search(asked):
        text = _prose(text, str.upper)
    start, end = START_WITH.search(talk.instructions), END_WITH.search(talk.instructions)
    return "\n\n".join([*([start["words"]] if start else []), text, *([end["words"]] if end else [])])


def _sized(asked: str, draft: Draft, reminder: str) -> str:
    if ONE_SENTENCE.search(asked):
        return draft.gist.rstrip(":")
    if BRIEF.search(asked):
        first = draft.body.split("\n\n")[0] if draft.body[:1].isalpha() else ""
        return f"{draft.gist}\n\n{first}".strip()
    return f"{reminder}\n\n{draft.whole()}" if reminder else draft.whole()


def _prose(text: str, change: Callable[[str], str]) -> str:
    """Changes the words and leaves code and addresses as they are."""
    return "".join(part if place % 2 else change(part) for place, part in enumerate(CODE.split(text)))


def _pirate(text: str) -> str:
    return re.sub(r"\b[A-Za-z']+\b", lambda found: _pirate_word(found[0]), text)


def _pirate_word(word: str) -> str:
    said = PIRATE_WORDS.get(word.lower(), word)
    return said.capitalize() if word[0].isupper() and said != word else said

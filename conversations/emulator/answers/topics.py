"""Which text answers which question. The first topic that fits is taken, so the special ones stand first."""

import re
from dataclasses import dataclass

from conversations.emulator.answers.draft import Draft, filled, pick
from conversations.emulator.answers.talk import Talk


@dataclass(frozen=True)
class Topic:
    asked: str
    texts: tuple[str, ...]

    def match(self, question: str) -> re.Match[str] | None:
        return re.search(self.asked, question, re.IGNORECASE | re.DOTALL)


ABOUT = r"\b(?:for|about|on|of|to)\s+(?P<subject>[^\n.?!]+)"
AFTER = rf"(?:.*?{ABOUT})?"
TAIL = r"(?=\s+(?:for|in|as|when)\b|[\n.?!,;]|$)"

TOPICS = (
    Topic(r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[^?]{0,40}$", ("greeting",)),
    Topic(r"^\W*(?:thanks|thank you|cheers)\b.{0,40}$", ("thanks",)),
    Topic(r"(?=.*\b(?:compare|ways?|how)\b).*\bback(?:ing)?[ -]?ups?\b", ("compare-backups",)),
    Topic(r"\breply\b.*\bmeeting\b", ("reply-postpone",)),
    Topic(
        r"(?=.*\b(?:compare|vs|versus|better|or)\b).*\b(?:postgres\w*|sqlite|mysql)\b", ("compare-databases",)
    ),
    Topic(r"(?=.*\b(?:compare|vs|versus|better|or)\b).*\b(?:kafka|rabbitmq|redis)\b", ("compare-brokers",)),
    Topic(r"(?=.*\b(?:compare|vs|versus|better|or)\b).*\b(?:graphql)\b", ("compare-apis",)),
    Topic(
        r"(?=.*\b(?:compare|vs|versus|better|or)\b).*\b(?:container apps?|functions)\b", ("compare-compute",)
    ),
    Topic(
        rf"\bcompare\s+(?P<first>[^\n.?!]+?)\s+(?:and|with|to|vs\.?|versus)\s+(?P<second>[^\n.?!]+?){TAIL}",
        ("compare-any",),
    ),
    Topic(rf"(?P<first>\b[\w-]+)\s+(?:vs\.?|versus)\s+(?P<second>[\w-]+){TAIL}", ("compare-any",)),
    Topic(
        r"\bslow\b.*\b(?:query|sql|database)\b|\b(?:query|sql)\b.*\bslow\b|\bexplain analyze\b", ("sql-slow",)
    ),
    Topic(r"\bsql\b|\bwrite (?:a|me a) query\b", ("sql",)),
    Topic(r"\b(?:regex|regular expression)\b", ("regex",)),
    Topic(r"\bcsv\b", ("python-csv",)),
    Topic(r"\b(?:javascript|typescript|debounce|node\.?js)\b", ("javascript",)),
    Topic(r"\b(?:bash|shell script|cron)\b", ("bash",)),
    Topic(r"c#|\.net\b|\bcsharp\b", ("csharp",)),
    Topic(r"\b(?:docker|compose|yaml|kubernetes)\b", ("yaml",)),
    Topic(r"\b(?:python|pytest|unit tests?|function|code)\b", ("python", "python-csv")),
    Topic(rf"\b(?:apolog\w+|sorry)\b.*\b(?:e-?mail|customer|mail)\b{AFTER}", ("email-apology",)),
    Topic(rf"\be-?mail\b.*\b(?:budget|approv\w+|buy|purchase)\b{AFTER}", ("email-budget",)),
    Topic(
        r"\be-?mail\b.*?\b(?:postpon\w+|mov\w+|reschedul\w+|delay\w*)\s+(?P<subject>[^\n.?!]+)",
        ("email-postpone",),
    ),
    Topic(
        r"\b(?:e-?mail|letter|message to)\b(?:.*?\b(?:about|regarding|that)\s+(?P<subject>[^\n.?!]+))?",
        ("email-about",),
    ),
    Topic(rf"\b(?:agenda|meeting)\b{AFTER}", ("agenda",)),
    Topic(rf"\b(?:checklist|onboarding|onboard)\b{AFTER}", ("checklist",)),
    Topic(rf"\b(?:plan|roadmap|timeline|schedule|steps)\b{AFTER}", ("plan",)),
    Topic(r"\bsummar\w+\b|\btl;?dr\b", ("summary",)),
    Topic(rf"\b(?:ideas?|brainstorm|suggest\w*)\b{AFTER}", ("ideas",)),
    Topic(r"\b(?:retention|delet\w+|30 days)\b", ("explain-retention",)),
    Topic(r"\b(?:embeddings?|vector search|semantic search)\b", ("explain-embeddings",)),
    Topic(r"\b(?:managed identity|entra|oauth|bearer)\b", ("explain-identity",)),
    Topic(r"\bweb ?sockets?\b", ("explain-websockets",)),
    Topic(r"\btokens?\b", ("explain-tokens",)),
    Topic(
        r"\b(?:explain|what (?:is|are)|how (?:does|do)|why (?:is|are|do|does)|tell me about)\s+"
        r"(?:me\s+)?(?P<subject>[^\n.?!]+)",
        ("explain-any",),
    ),
    Topic(r"(?P<subject>[^\n.?!]*)", ("any", "any-2")),
)

LONGEST_SUBJECT = 80
FORM = re.compile(
    r",?\s+(?:in (?:one|a single|two|a few) sentences?|briefly|like a pirate|please)\s*$", re.IGNORECASE
)
PUNCTUATION = " ,;:\"'“”*`#|"
LEADING = re.compile(
    r"^(?:please|can you|could you|would you|i need|i want|help me(?: with)?|me|us)\s+", re.IGNORECASE
)


def answer(talk: Talk, name: str) -> Draft:
    """``name`` is what the person is called, if they told."""
    for topic in TOPICS:
        found = topic.match(talk.question)
        if found:
            values = {"subject": "", **found.groupdict(""), "name": f", {name}" if name else ""}
            chosen = pick(topic.texts, talk.question)
            return Draft.of(filled(chosen, {key: _named(key, value) for key, value in values.items()}))
    raise AssertionError("the last topic fits everything")


def _named(key: str, value: str) -> str:
    return value if key == "name" else subject(value)


def subject(words: str) -> str:
    """What the question is about, fit to stand inside a sentence."""
    clean = FORM.sub("", LEADING.sub("", " ".join(words.split()).strip(PUNCTUATION)))
    short = clean if len(clean) <= LONGEST_SUBJECT else f"{clean[:LONGEST_SUBJECT].rsplit(' ', 1)[0]}…"
    return short or "this"

"""Picks the answer."""

from conversations.emulator.answers.talk import Talk

REFUSAL = "I'm sorry, but I can't help with that."


def compose(talk: Talk) -> str:
    remembered = f"You told me earlier: “{talk.earlier[-1]}”\n\n" if talk.earlier else ""
    return f"{remembered}You wrote: “{talk.question[:200]}”. Here is a short answer with **some** `Markdown`."


def summary(talk: Talk) -> list[str]:
    return [f"**Reading the question**\n\nThe person asks: {talk.question[:80]}"]

"""What the emulated model says: always the same for the same conversation, and worth reading."""

import re

from conversations.emulator.answers.compose import REFUSAL, compose, summary
from conversations.emulator.answers.talk import Talk

WORDS = re.compile(r"\s*\S+|\s+$")

__all__ = ["REFUSAL", "WORDS", "Talk", "compose", "summary"]

"""A text to answer with: its gist stands first and alone, in case only one sentence is wanted."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Self


@dataclass(frozen=True)
class Draft:
    gist: str
    body: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        gist, _, body = text.strip().partition("\n\n")
        return cls(gist, body)

    def whole(self) -> str:
        return f"{self.gist}\n\n{self.body}" if self.body else self.gist


@cache
def text(name: str) -> str:
    """One of the Markdown files in texts/."""
    return (resources.files(__package__) / "texts" / f"{name}.md").read_text(encoding="utf-8").strip()


def filled(name: str, values: Mapping[str, str]) -> str:
    """That text with its {placeholders} filled in; braces around anything else are left alone."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), text(name))


def pick(names: Sequence[str], question: str) -> str:
    """One of them, always the same for the same question."""
    digest = hashlib.sha256(question.encode(errors="replace")).digest()
    return names[digest[0] % len(names)]

"""What upstream says, fit to be kept and shown: bounded, on one line, and without secrets."""

import re
from collections.abc import Iterable
from typing import Any

from conversations.responses_api.text import repair_text

MESSAGE_CHARS = 500
BODY_CHARS = 4000
SHORTEST = 4
MARK = "[redacted]"

# Bearer headers, OpenAI keys, JSON web tokens, "api-key: …" pairs and keys that upstream half masked itself.
_LOOKS_SECRET = re.compile(
    r"(?i:bearer)\s+[A-Za-z0-9._~+/=-]{8,}"
    r"|\bsk-[A-Za-z0-9_*-]{6,}"
    r"|\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"
    r"|(?i:\bapi[-_ ]?key\b[\"']?\s*[:=]\s*[\"']?)[A-Za-z0-9._~+/=-]{8,}"
    r"|[A-Za-z0-9_-]*\*{3,}[A-Za-z0-9_-]*"
)
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


class Redactor:
    """Knows the secrets in use, so that text which repeats one loses it."""

    def __init__(self) -> None:
        self._secrets: dict[str, None] = {}
        self._guarded: set[str] = set()

    def learn(self, secret: str) -> None:
        """Keeps the last few: an answer may still quote the key or token before a rotation."""
        self._secrets.pop(secret, None)
        self._secrets[secret] = None
        if len(self._secrets) > 4:
            del self._secrets[next(iter(self._secrets))]

    def guard(self, secret: str) -> None:
        """One that went along in a request, and that whoever got it may repeat in an answer."""
        if len(secret) >= SHORTEST:
            self._guarded.add(secret)

    def hide(self, value: Any) -> Any:
        """JSON without the guarded ones; the very same where there are none."""
        if not self._guarded:
            return value
        if isinstance(value, str):
            return _replaced(value, self._guarded)
        if isinstance(value, dict):
            return {key: self.hide(inner) for key, inner in value.items()}
        return [self.hide(inner) for inner in value] if isinstance(value, list) else value

    def clean(self, text: str, limit: int = MESSAGE_CHARS) -> str:
        text = repair_text(_SPACE.sub(" ", _without(text, [*self._guarded, *self._secrets])).strip())[0]
        return text if len(text) <= limit else text[: limit - 1] + "…"

    def clean_body(self, body: Any) -> Any:
        """A JSON value or text with every string cleaned; text in place of JSON that is too large."""
        cleaned = self._clean_value(body, 0)
        shown = str(cleaned)
        return cleaned if len(shown) <= BODY_CHARS else shown[: BODY_CHARS - 1] + "…"

    def _clean_value(self, value: Any, depth: int) -> Any:
        if depth > 8:
            return "…"
        if isinstance(value, str):
            return self.clean(value, BODY_CHARS)
        if isinstance(value, dict):
            return {self.clean(str(k)): self._clean_value(inner, depth + 1) for k, inner in value.items()}
        if isinstance(value, list):
            return [self._clean_value(inner, depth + 1) for inner in value]
        return value


def _without(text: str, secrets: Iterable[str]) -> str:
    return _LOOKS_SECRET.sub(MARK, _replaced(text, secrets))


def _replaced(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if len(secret) >= SHORTEST:
            text = text.replace(secret, MARK)
    return text

"""What a person running the emulator, or a test through the control endpoint, may turn."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Settings:
    """Durations are seconds; ``rate`` is text deltas a second, 0 for as fast as it goes."""

    store: Path
    key: str = "emulator-key"
    identity_header: str = "emulator-identity"
    token_lifetime: float = 3600
    list_enabled: bool = False
    settle: float = 0
    replay_lifetime: float = 600
    retention: float = 30 * 86400
    rate: float = 50
    first_token: float = 0.3
    latency: float = 0
    record: int = 500

    def changed(self, values: dict[str, Any]) -> Self:
        """A copy with these values; a name that doesn't exist or a value of another type is a ValueError."""
        types = {field.name: field.type for field in fields(self) if field.name not in ("store", "record")}
        for name, value in values.items():
            if name not in types:
                raise ValueError(f"{name!r} is not a setting; there are {', '.join(sorted(types))}")
            if not _fits(value, types[name]):
                raise ValueError(f"{name!r} takes a {_name(types[name])}, not {value!r}")
        return replace(self, **values)


def _fits(value: object, kind: object) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return isinstance(kind, type) and isinstance(value, kind)


def _name(kind: object) -> str:
    return {"float": "number of 0 or more", "bool": "boolean"}.get(getattr(kind, "__name__", ""), "string")

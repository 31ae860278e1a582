"""Readers for the environment: each refuses a wrong value with its name, its shape and what to do."""

import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class EnvironmentMistake(ImproperlyConfigured):
    """A variable that can't be used; the text names it, its shape and the remedy."""

    def __init__(self, name: str, shape: str, remedy: str) -> None:
        super().__init__(f"{name} is wrong: it must be {shape}. {remedy}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def names(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or list(default)


def whole_number(name: str, default: int, *, low: int, high: int) -> int:
    raw = text(name, str(default))
    if raw.isascii() and raw.isdigit() and low <= int(raw) <= high:
        return int(raw)
    raise EnvironmentMistake(name, f"a whole number from {low} to {high}", f"Set it like {name}={default}.")


def seconds(name: str, default: float, *, low: float = 0.01, high: float = 86_400) -> float:
    try:
        value = float(text(name, str(default)))
    except ValueError:
        value = -1.0
    if low <= value <= high:
        return value
    raise EnvironmentMistake(
        name, f"a number of seconds from {low} to {high}", f"Set it like {name}={default}."
    )


def url(name: str, *, schemes: tuple[str, ...], example: str) -> str:
    """An address with one of the schemes and a host, or an empty string when the variable is unset."""
    raw = text(name)
    if not raw:
        return ""
    parts = _split(raw)
    if parts is None or parts.scheme not in schemes or not (parts.hostname or parts.scheme == "unix"):
        raise EnvironmentMistake(
            name,
            f"an address that begins with {' or '.join(s + '://' for s in schemes)}",
            f"Set it like {name}={example}.",
        )
    return raw


def origins(name: str) -> list[str]:
    found = names(name)
    for origin in found:
        parts = _split(origin)
        if (
            parts is None
            or parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.path not in ("", "/")
        ):
            raise EnvironmentMistake(
                name, "a comma-separated list of origins", f"Set it like {name}=https://chat.example.com."
            )
    return [origin.rstrip("/") for origin in found]


def public_url(origins: list[str]) -> str:
    """Without a slash at the end; the first trusted origin when it is unset."""
    given = url("PUBLIC_URL", schemes=("https", "http"), example="https://chat.example.com")
    return (given or (origins[0] if origins else "")).rstrip("/")


@dataclass(frozen=True)
class Mail:
    """Where mails are handed in; off without a host."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    sender: str = ""


# Scheme: its usual port, whether encryption begins on demand, whether it begins at once.
MAIL_SCHEMES = {"smtp": (25, False, False), "smtp+tls": (587, True, False), "smtps": (465, False, True)}


def mail() -> Mail:
    """What EMAIL_URL and EMAIL_FROM say. Nothing goes over a network in the clear."""
    raw = text("EMAIL_URL")
    if not raw:
        return Mail()
    parts = _split(raw)
    if parts is None or parts.scheme not in MAIL_SCHEMES or not parts.hostname or parts.path.strip("/"):
        raise _bad_mail("an address that begins with smtp+tls://, smtps:// or, on this machine, smtp://")
    port, starttls, tls = MAIL_SCHEMES[parts.scheme]
    if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
        raise _bad_mail("encrypted: smtp+tls:// or smtps://, since smtp:// is for a server on this machine")
    return Mail(
        parts.hostname,
        parts.port or port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        starttls,
        tls,
        _sender(),
    )


def _bad_mail(shape: str) -> EnvironmentMistake:
    return EnvironmentMistake(
        "EMAIL_URL", shape, "Set it like EMAIL_URL=smtp+tls://user:password@mail.example.com:587."
    )


def _sender() -> str:
    sender = _required("EMAIL_FROM", "the address that mails come from", "responses@example.com")
    if not re.fullmatch(r"(?:[^<>@\r\n]+ <)?[^<>@\s]+@[^<>@\s]+>?", sender):
        raise EnvironmentMistake(
            "EMAIL_FROM", "an e-mail address", "Set it like EMAIL_FROM=responses@example.com."
        )
    return sender


def _split(raw: str) -> SplitResult | None:
    try:
        parts = urlsplit(raw)
        _ = parts.port  # reading it is what checks it
    except ValueError:
        return None
    return parts


def data_dir() -> Path:
    """The folder below which everything is written; made private to its owner."""
    path = Path(text("DATA_DIR", str(ROOT / "var"))).expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentMistake(
            "DATA_DIR", "a folder that can be written to", f"{error.strerror}: {path}."
        ) from error
    if not os.access(path, os.W_OK):
        raise EnvironmentMistake(
            "DATA_DIR", "a folder that can be written to", f"{path} can't be written to by this user."
        )
    return path


def secret(name: str, data: Path) -> str:
    """The variable, or a value made once and kept below the data folder, readable by its owner only."""
    given = text(name)
    if given:
        return given
    path = data / name.lower()
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text().strip()


AUDIT_KEY_CHARS = 32


def audit_keys(data: Path) -> list[str]:
    """What seals the audit trail, and after it the keys that sealed it before."""
    keys = [secret("AUDIT_KEY", data), *names("AUDIT_KEYS_OLD")]
    for name, key in zip(("AUDIT_KEY", *["AUDIT_KEYS_OLD"] * len(keys)), keys, strict=False):
        if len(key) < AUDIT_KEY_CHARS:
            raise EnvironmentMistake(
                name,
                f"made of at least {AUDIT_KEY_CHARS} random characters",
                "Make a key with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'.",
            )
    return keys


def database(data: Path) -> dict[str, object]:
    """Django's settings for DATABASE_URL; SQLite below the data folder when it is unset."""
    raw = text("DATABASE_URL", f"sqlite:///{data / 'responses_ui.sqlite3'}")
    if not raw.startswith(("sqlite:///", "postgres://", "postgresql://")):
        raise EnvironmentMistake(
            "DATABASE_URL",
            "an address that begins with postgres:// or sqlite:///",
            "Set it like DATABASE_URL=postgres://user:password@db.example.com:5432/responses_ui.",
        )
    config: dict[str, object] = dict(dj_database_url.parse(raw))
    return config | (_sqlite_options() if raw.startswith("sqlite") else _postgresql_options(config))


def _sqlite_options() -> dict[str, object]:
    # One writer at a time: IMMEDIATE makes writers queue at the start instead of failing in the middle.
    commands = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;"
    return {"OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": commands}}


def _postgresql_options(config: dict[str, object]) -> dict[str, object]:
    given = config.get("OPTIONS")
    options = dict(given) if isinstance(given, dict) else {}
    # A pool, since neither an ASGI server nor a pool of worker threads keeps a thread per connection.
    options |= {
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
    }
    # Its pauses between attempts double until it gives up, whoever asks next begins anew: so a server that
    # was away for long is found again soon. Workers judge each other half a lease after that; each must have
    # been through such a wait by then.
    wait = seconds("DATABASE_WAIT_SECONDS", 10)
    options["pool"] = {"min_size": 1, "max_size": 20, "timeout": wait, "reconnect_timeout": wait / 2}
    return {"OPTIONS": options, "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 0}


@dataclass(frozen=True)
class Upstream:
    """The first endpoint and deployment as the environment names them; the key itself stays there."""

    kind: str
    base_url: str
    deployment: str
    model: str = ""
    api_version: str = ""
    auth: str = "entra"
    token_scope: str = ""
    key_name: str = ""
    vault_url: str = ""


def upstream() -> Upstream | None:
    """What AZURE_OPENAI_* or OPENAI_* describe, or None when neither is set."""
    azure = url(
        "AZURE_OPENAI_ENDPOINT", schemes=("https", "http"), example="https://my-resource.openai.azure.com"
    )
    if azure:
        return _azure(azure)
    base = url("OPENAI_BASE_URL", schemes=("https", "http"), example="https://llm.example.com/v1/")
    return _compatible(base) if base else None


def _azure(address: str) -> Upstream:
    version = text("OPENAI_API_VERSION")
    dated = bool(version) and version not in ("v1", "preview", "latest")
    vault = url("AZURE_KEY_VAULT_URL", schemes=("https",), example="https://my-vault.vault.azure.net")
    auth, key_name = _azure_key(vault)
    root = address.rstrip("/").removesuffix("/openai/v1")
    return Upstream(
        kind="azure_dated" if dated else "azure_v1",
        base_url=root if dated else f"{root}/openai/v1/",
        deployment=_required(
            "AZURE_OPENAI_DEPLOYMENT", "the name of a deployment on the resource", "my-gpt-5.1"
        ),
        model=text("OPENAI_MODEL"),
        api_version=version if dated else "",
        auth=auth,
        token_scope=text("AZURE_OPENAI_TOKEN_SCOPE"),
        key_name=key_name,
        vault_url=vault if auth == "key_vault" else "",
    )


def _azure_key(vault: str) -> tuple[str, str]:
    if text("AZURE_OPENAI_API_KEY"):
        return "env", "AZURE_OPENAI_API_KEY"
    if vault:
        return "key_vault", _required(
            "AZURE_KEY_VAULT_SECRET", "the name of the secret that holds the key", "azure-openai-key"
        )
    return "entra", ""


def _compatible(base: str) -> Upstream:
    key = "OPENAI_API_KEY" if text("OPENAI_API_KEY") else ""
    model = _required("OPENAI_MODEL", "the name of a model that the server offers", "my-model")
    return Upstream(
        kind="openai",
        base_url=f"{base.rstrip('/')}/",
        deployment=model,
        model=model,
        auth="env" if key else "none",
        key_name=key,
    )


def _required(name: str, shape: str, example: str) -> str:
    value = text(name)
    if not value:
        raise EnvironmentMistake(name, shape, f"Set it like {name}={example}.")
    return value


def recorded_redis(data: Path) -> str:
    """REDIS_URL, or the address that a running private server recorded below the data folder; else empty."""
    given = url("REDIS_URL", schemes=("redis", "rediss", "unix"), example="redis://localhost:6379/0")
    record = data / "redis.json"
    if given or not record.exists():
        return given
    return str(json.loads(record.read_text())["url"])

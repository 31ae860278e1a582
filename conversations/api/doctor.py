"""What is right and wrong with an installation and what to do. It tells no secret and asks nobody else."""

import os
import sqlite3
from collections.abc import Callable
from typing import Any, cast

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from conversations import bus
from conversations.api import health, notice_checks
from conversations.api.findings import Finding, fail, ok, warn
from conversations.models import AuditEntry, AuditHead, Deployment, Endpoint
from conversations.models.endpoints import Auth
from conversations.people import chain, triggers, verification
from conversations.responses_api import BadConfiguration
from conversations.stored.endpoints import address_of
from responses_ui import env

OLDEST_POSTGRESQL = 140_000
OLDEST_REDIS = (6, 2)
SECRET_CHARS = 50
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


def examine() -> dict[str, Finding]:
    return {name: _finding(check) for name, check in CHECKS.items()}


def _finding(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except DatabaseError as error:
        return fail(
            f"The database doesn't answer: {_first_line(error)}", "Check DATABASE_URL and the server."
        )
    except (redis.RedisError, ImproperlyConfigured) as error:
        return fail(f"Redis doesn't answer: {_first_line(error)}", "Check it and REDIS_URL.")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if connection.vendor == "sqlite":
        return ok(f"SQLite {sqlite3.sqlite_version}, which suits a small team on one machine.")
    version = int(cast(Any, connection).pg_version)
    text = f"PostgreSQL {version // 10_000}.{version % 10_000}."
    return ok(text) if version >= OLDEST_POSTGRESQL else fail(text, "Upgrade it to 14 or newer.")


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return fail(f"{len(waiting)} migrations are not applied.", "Run: manage.py migrate")
    return ok("All are applied.")


def redis_server() -> Finding:
    found = bus.client().info()
    version = str(found["redis_version"])
    if tuple(map(int, version.split(".")[:2])) < OLDEST_REDIS:
        return fail(f"Redis {version} is too old.", "Upgrade it to 6.2 or newer.")
    if found.get("maxmemory_policy") != "noeviction":
        return warn(f"Redis {version} may forget what is in use.", "Set its maxmemory-policy to noeviction.")
    if not found.get("aof_enabled"):
        return warn(f"Redis {version} forgets everything at a restart.", "Set its appendonly to yes.")
    return ok(f"Redis {version}.")


def workers() -> Finding:
    alive = health.living_workers().count()
    if not alive:
        return fail("None has been heard of lately, so nothing is answered.", "Start one: make worker")
    return ok(f"{alive} alive.")


def audit_triggers() -> Finding:
    missing = triggers.missing()
    if missing:
        return fail(f"Missing or altered: {', '.join(missing)}.", "Run: manage.py migrate")
    return ok("The database refuses to change the trail.")


def audit_key() -> Finding:
    broken = verification.head_problem(AuditHead.objects.first())
    text = broken.text if broken else _last_entry_problem()
    if text:
        return fail(text, "Run: manage.py verify_audit")
    if env.text("AUDIT_KEY") or settings.DEMO:
        return ok("It fits the last entry.")
    return warn(
        "It fits the last entry, but was made below DATA_DIR, where it may lie beside the database.",
        "Set AUDIT_KEY to the content of the file audit_key there, keep a copy elsewhere, remove the file.",
    )


def _last_entry_problem() -> str:
    entry = AuditEntry.objects.order_by("-number").first()
    key = chain.key_named(entry.key_id) if entry else None
    fits = entry is None or (key and entry.hash == chain.keyed_hash(key, entry.sealed()))
    return "" if fits else "The last entry was not sealed with this AUDIT_KEY, or was changed."


def secret_key() -> Finding:
    if len(settings.SECRET_KEY) < SECRET_CHARS:
        return warn("It is short.", f"Set SECRET_KEY to {SECRET_CHARS} random characters or more.")
    if env.text("SECRET_KEY") or settings.DEMO:
        return ok("It is long enough.")
    return warn(
        "It was made below DATA_DIR, so it is another one on every machine.",
        "Set SECRET_KEY, the same everywhere.",
    )


def https() -> Finding:
    if settings.HTTPS:
        return ok("Cookies are secure, plain HTTP is redirected, HSTS is on.")
    if settings.DEMO or set(settings.ALLOWED_HOSTS) <= LOOPBACK:
        return ok("Off, and nobody beyond this machine is let in.")
    advice = "Put it behind TLS and set CSRF_TRUSTED_ORIGINS=https://…"
    return warn("Off, though others reach the site.", advice)


def upstream() -> Finding:
    deployments = Deployment.objects.filter(enabled=True)
    if not deployments.exists():
        advice = "Set AZURE_OPENAI_ENDPOINT or OPENAI_BASE_URL, then run: manage.py configure"
        return fail("No deployment is enabled, so there is no model to talk to.", advice)
    for endpoint in Endpoint.objects.filter(deployments__in=deployments).distinct():
        if problem := _endpoint_problem(endpoint):
            return fail(f"{endpoint.name}: {problem}", "Set what it names, or run: manage.py configure")
    return ok(f"{deployments.count()} deployments are enabled.")


def _endpoint_problem(row: Endpoint) -> str:
    try:
        address_of(row)
    except BadConfiguration as error:
        return str(error)
    if row.auth == Auth.ENV and not os.environ.get(row.key_name):
        return f"the variable {row.key_name}, which should hold the key, is not set here."
    return ""


CHECKS: dict[str, Callable[[], Finding]] = {
    "database": database,
    "migrations": migrations,
    "redis": redis_server,
    "workers": workers,
    "audit triggers": audit_triggers,
    "AUDIT_KEY": audit_key,
    "SECRET_KEY": secret_key,
    "HTTPS": https,
    "upstream": upstream,
    "e-mail": notice_checks.mail,
    "webhooks": notice_checks.channels,
}

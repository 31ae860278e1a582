"""How entries of the audit trail are chained: each hash covers the entry and the hash before it.

The hashes are HMACs. Their key is in the environment, so whoever can write to the database but doesn't have
the key can't make a chain that fits. The head is sealed as well: without the key nobody can make one for a
shorter chain.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings

from conversations import clock
from conversations.models import AuditEntry, AuditHead

KEY_ID_CHARS = 8


class HeadMissing(Exception):
    """Somebody took away the row that the chain goes on from."""

    def __init__(self) -> None:
        super().__init__("The head of the audit trail is missing. Run: manage.py verify_audit")


def canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def keyed_hash(key: str, value: dict[str, Any]) -> str:
    return hmac.new(key.encode(), canonical(value), hashlib.sha256).hexdigest()


@cache
def key_id(key: str) -> str:
    """Tells one key from another and says nothing else about it."""
    return keyed_hash(key, {"purpose": "key id"})[:KEY_ID_CHARS]


def key_named(wanted: str) -> str | None:
    return next((key for key in settings.AUDIT_KEYS if key_id(key) == wanted), None)


def append(entries: Iterable[AuditEntry]) -> None:
    """Numbers, chains and writes them. The head stays locked until the caller's transaction ends."""
    head = AuditHead.objects.select_for_update().first()
    if head is None:
        raise HeadMissing
    key, now = settings.AUDIT_KEYS[0], clock.now()
    linked = []
    for entry in entries:
        head.count += 1
        entry.number, entry.at, entry.key_id, entry.previous_hash = head.count, now, key_id(key), head.hash
        head.hash = entry.hash = keyed_hash(key, entry.sealed())
        linked.append(entry)
    AuditEntry.objects.bulk_create(linked)
    _save(head)


def begin() -> None:
    """An empty chain, where there is none. A head that is gone while entries are left is not made anew."""
    if not AuditEntry.objects.exists() and not AuditHead.objects.exists():
        _save(AuditHead())


def _save(head: AuditHead) -> None:
    key = settings.AUDIT_KEYS[0]
    head.key_id, head.seal = key_id(key), head_seal(key, head)
    head.save()


def head_seal(key: str, head: AuditHead) -> str:
    return keyed_hash(key, {"purpose": "head", "count": head.count, "hash": head.hash})


def current_head() -> AuditHead:
    head = AuditHead.objects.first()
    if head is None:
        raise HeadMissing
    return head

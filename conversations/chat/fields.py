"""Fields of what a client sends, over HTTP or the socket: of the right shape, or refused by name."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from conversations.chat.refusals import Refusal


def uuid_field(fields: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(fields[name])
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise _refusal(_("The field “%(name)s” must be a UUID."), name) from error


def text_field(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise _refusal(_("The field “%(name)s” must be text."), name)
    return value


def number_field(fields: Mapping[str, Any], name: str, *, low: int, high: int) -> int:
    """A whole number from `low` to below `high`."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value < high:
        raise _refusal(_("The field “%(name)s” must be a whole number."), name)
    return value


def key_field(fields: Mapping[str, Any], name: str) -> int | None:
    """The key of a row, or None where none is named."""
    return None if fields.get(name) is None else number_field(fields, name, low=0, high=2**63)


def switch_field(fields: Mapping[str, Any], name: str) -> bool | None:
    """True, false, or None where it is left to somebody else."""
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise _refusal(_("The field “%(name)s” must be true, false or null."), name)
    return value


def _refusal(message: str, name: str) -> Refusal:
    return Refusal("bad_field", message % {"name": name})

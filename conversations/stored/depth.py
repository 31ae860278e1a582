"""JSON as deep as it may lie: what walks through it by recursion gets it cut, or a text brought it down."""

from typing import Any

from django.utils.translation import gettext as _

MOST_DEPTH = 64


def bounded(value: Any, depth: int = MOST_DEPTH) -> Any:
    """The same, with words that say so in the place of what lies deeper."""
    if not isinstance(value, (dict, list)):
        return value
    if depth == 0:
        return _("Nested more than %d levels deep: neither shown nor compared.") % MOST_DEPTH
    if isinstance(value, dict):
        return {name: bounded(each, depth - 1) for name, each in value.items()}
    return [bounded(each, depth - 1) for each in value]

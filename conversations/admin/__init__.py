"""The desk: Django's admin, where staff look at rows and nobody changes them."""

from conversations.admin import audit, ledger, people

__all__ = ["audit", "ledger", "people"]

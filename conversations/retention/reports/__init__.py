"""The report of a bulk deletion: one archive that an outsider can check, kept when the content is gone."""

from conversations.retention.reports.making import make

__all__ = ["make"]

"""The desk: Django's admin, where staff look at rows and nobody changes them."""

from conversations.admin import (
    audit,
    capabilities,
    computers,
    deployments,
    exports,
    holds,
    imports,
    jobs,
    ledger,
    mcp_servers,
    notices,
    people,
    policies,
    reconciliations,
    tools,
)

__all__ = [
    "audit",
    "capabilities",
    "computers",
    "deployments",
    "exports",
    "holds",
    "imports",
    "jobs",
    "ledger",
    "mcp_servers",
    "notices",
    "people",
    "policies",
    "reconciliations",
    "tools",
]

"""Endpoints as the door wants them."""

from conversations.models import Deployment, Endpoint
from conversations.responses_api import Auth, EndpointKind
from conversations.responses_api import Endpoint as Address


def address_of(endpoint: Endpoint) -> Address:
    return Address(
        kind=EndpointKind(endpoint.kind),
        base_url=endpoint.base_url,
        api_version=endpoint.api_version,
        auth=Auth(endpoint.auth),
        token_scope=endpoint.token_scope,
        key_name=endpoint.key_name,
        vault_url=endpoint.vault_url,
    )


class NoSuchDeployment(ValueError):
    """None of that name, or several."""


def deployment_named(name: str) -> Deployment:
    """By its name, or as ENDPOINT/NAME; without one the first of the only endpoint."""
    endpoint, _slash, short = name.rpartition("/")
    rows = Deployment.objects.select_related("endpoint").order_by("pk")
    found = list(rows.filter(name=name)) or list(rows.filter(name=short, endpoint__name=endpoint))
    if not name:
        found = list(rows)
    if len({row.endpoint_id for row in found}) == 1:
        return found[0]
    known = ", ".join(f"{row.endpoint.name}/{row.name}" for row in rows)
    raise NoSuchDeployment(f"Name one deployment with --deployment: {known or 'there are none yet'}.")

"""Endpoints as the door wants them."""

from conversations.models import Endpoint
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

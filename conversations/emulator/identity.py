"""A managed identity as App Service offers it, so that Entra ID credentials run for real without Azure.

Tokens are signed with a secret of the store: they survive a restart, and a forged or altered one is refused.
"""

import base64
import hashlib
import hmac
import secrets
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from conversations.emulator import codec

AUDIENCES = ("https://cognitiveservices.azure.com", "https://ai.azure.com")
API_VERSION = "2019-08-01"


class Tokens:
    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()
        self.valid_from = 0.0
        self.issued = 0

    def issue(self, resource: str, lifetime: float) -> tuple[str, int]:
        """A token for the resource and the second in which it expires."""
        expires = int(time.time() + lifetime)
        self.issued += 1
        claims = {"aud": resource, "exp": expires, "iat": time.time(), "jti": secrets.token_hex(8)}
        payload = base64.urlsafe_b64encode(codec.dumps(claims)).decode()
        return f"{payload}.{self._signature(payload)}", expires

    def _signature(self, payload: str) -> str:
        return hmac.new(self.secret, payload.encode(), hashlib.sha256).hexdigest()

    def revoke(self) -> None:
        """Refuses all that was issued until now."""
        self.valid_from = time.time()

    def accepts(self, token: str, audiences: tuple[str, ...] = AUDIENCES) -> bool:
        payload, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(payload).encode()):
            return False
        claims = codec.loads(base64.urlsafe_b64decode(payload))
        fresh = claims["exp"] > time.time() and claims["iat"] > self.valid_from
        return fresh and claims["aud"].rstrip("/") in audiences


async def token(request: Request) -> Response:
    """What IDENTITY_ENDPOINT points at."""
    emulator = request.app.state.emulator
    await emulator.recorder.add("token", request)
    if not hmac.compare_digest(
        request.headers.get("x-identity-header", ""), emulator.settings.identity_header
    ):
        return _refusal(401, "The X-IDENTITY-HEADER is missing or wrong.")
    if request.query_params.get("api-version") != API_VERSION:
        return _refusal(400, f"The api-version must be {API_VERSION}.")
    resource = request.query_params.get("resource", "")
    if not resource.startswith("https://"):
        return _refusal(400, "The resource parameter is missing or no URI.")
    access_token, expires = emulator.tokens.issue(resource, emulator.settings.token_lifetime)
    return JSONResponse(
        {
            "access_token": access_token,
            "expires_on": str(expires),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": "00000000-0000-0000-0000-000000000000",
        }
    )


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status)

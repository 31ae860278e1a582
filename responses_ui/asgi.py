"""HTTP goes to Django, WebSockets to the chat's consumer."""

import os
from typing import Any

from channels.auth import AuthMiddleware
from channels.routing import ProtocolTypeRouter
from channels.sessions import CookieMiddleware, InstanceSessionWrapper, SessionMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "responses_ui.settings")

http = get_asgi_application()

# Routing needs the models, so it is imported once Django is set up.
from conversations.api.upload_gate import UploadGate  # noqa: E402
from conversations.pauses import keep_pauses_short  # noqa: E402
from conversations.people.login_gate import LoginGate  # noqa: E402
from responses_ui.urls import websockets  # noqa: E402


class ReadOnlySession(SessionMiddleware):  # type: ignore[misc]  # channels has no types
    """Without a look at each frame that is sent whether the session must be saved."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        wrapper = InstanceSessionWrapper(scope, send)
        await wrapper.resolve_session()
        await self.inner(wrapper.scope, receive, send)


# The consumer checks the origin itself, against host and port.
application = ProtocolTypeRouter(
    {
        "http": UploadGate(LoginGate(http)),
        "websocket": CookieMiddleware(ReadOnlySession(AuthMiddleware(websockets))),
    }
)

keep_pauses_short()

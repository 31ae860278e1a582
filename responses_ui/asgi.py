"""HTTP goes to Django, WebSockets to the chat's consumer."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "responses_ui.settings")

http = get_asgi_application()

# Routing needs the models, so it is imported once Django is set up.
from conversations.api.upload_gate import UploadGate  # noqa: E402
from conversations.pauses import keep_pauses_short  # noqa: E402
from conversations.people.login_gate import LoginGate  # noqa: E402
from responses_ui.urls import websockets  # noqa: E402

# The consumer checks the origin itself, against host and port.
application = ProtocolTypeRouter(
    {"http": UploadGate(LoginGate(http)), "websocket": AuthMiddlewareStack(websockets)}
)

keep_pauses_short()

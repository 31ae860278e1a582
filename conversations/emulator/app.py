"""The ASGI application: the API, the identity and the control endpoints over one Emulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conversations.emulator import computer, control, errors, identity, routes
from conversations.emulator.errors import ApiError
from conversations.emulator.service import Emulator
from conversations.emulator.settings import Settings


def build_app(settings: Settings) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.emulator = Emulator(settings)
        yield
        app.state.emulator.close()

    return Starlette(
        routes=[
            *routes.routes(),
            Route("/identity/token", identity.token),
            *control.routes(),
            *computer.routes(),
        ],
        exception_handlers={ApiError: control.refused, 404: _unknown, 405: _unknown},
        lifespan=lifespan,
    )


async def _unknown(_request: Request, _error: Exception) -> Response:
    refusal = errors.resource_not_found()
    return JSONResponse(refusal.body, refusal.status)

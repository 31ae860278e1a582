"""The process: uvicorn with a way to reach the transport, a ready line, and a prompt end."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Generator
from socket import socket

import uvicorn
import uvloop
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from conversations.emulator.app import build_app
from conversations.emulator.settings import Settings


class Protocol(HttpToolsProtocol):
    """Hands the transport to the application, which needs it to break connections."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


class Server(uvicorn.Server):
    def __init__(self, app: Starlette, host: str, port: int, announce: Callable[[str], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http=Protocol,
                ws="none",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=2,
            )
        )
        self.app = app
        self.announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        url = f"http://{host}:{port}"
        self.announce(url)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self.app.state.emulator.break_connections()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """A signal ends the process with 0, since ending is what it was asked to do."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def serve(settings: Settings, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Runs until it is told to end; ``announce`` is called with the URL once requests are taken."""
    server = Server(build_app(settings), host, port, announce)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve())

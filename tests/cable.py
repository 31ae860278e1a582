"""The network between a browser and the web process: a TCP proxy that can be cut as networks are."""

import asyncio
import contextlib
import socket
import threading
from enum import Enum, auto

from responses_ui.processes import LOOPBACK

PIECE = 65_536


class State(Enum):
    FINE = auto()
    DOWN = auto()  # connections are closed, new ones refused at once
    SILENT = auto()  # packets vanish: nothing is closed, nothing arrives


class Cable:
    """Works on a thread of its own, since a test that drives a browser blocks."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.pairs: set[asyncio.Task[None]] = set()
        self.writers: set[asyncio.StreamWriter] = set()
        self.loop = asyncio.new_event_loop()
        self.state = State.FINE
        listening = socket.create_server((LOOPBACK, 0))
        self.url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, args=[listening])
        self._thread.start()

    def drop(self) -> None:
        self._set(State.DOWN, reset=False)

    def reset(self) -> None:
        """Connections end with RST; what is lost on the way is not told."""
        self._set(State.DOWN, reset=True)

    def stall(self) -> None:
        self._set(State.SILENT)

    def restore(self) -> None:
        """New connections get through; those that met silence stay dead, as behind a router that forgot."""
        self._set(State.FINE)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    def _set(self, state: State, *, reset: bool = False) -> None:
        done = threading.Event()
        self.loop.call_soon_threadsafe(self._apply, state, reset, done)
        done.wait()

    def _apply(self, state: State, reset: bool, done: threading.Event) -> None:
        self.state = state
        if state is not State.FINE:
            for pair in self.pairs:
                pair.cancel()
        if state is State.DOWN:
            for writer in self.writers:
                self._end(writer, reset=reset)
            self.writers.clear()
        done.set()

    def _end(self, writer: asyncio.StreamWriter, *, reset: bool) -> None:
        writer.transport.abort() if reset else writer.close()

    def _run(self, listening: socket.socket) -> None:
        self.loop.run_until_complete(asyncio.start_server(self._accept, sock=listening))
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0.05))
        for writer in self.writers:
            writer.transport.abort()
        self.loop.run_until_complete(asyncio.sleep(0))
        listening.close()
        self.loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        if self.state is State.DOWN:
            writer.transport.abort()
        if self.state is not State.FINE:
            return
        there, back = await asyncio.open_connection(LOOPBACK, self.target)
        self.writers.add(back)
        for source, sink in ((reader, back), (there, writer)):
            pair = asyncio.create_task(self._carry(source, sink))
            self.pairs.add(pair)
            pair.add_done_callback(self.pairs.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(PIECE):
                sink.write(piece)
                await sink.drain()
        sink.close()

"""What notices are sent to in the tests: a real HTTP server and a real, tiny SMTP server on loopback."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import orjson


@dataclass
class Hook:
    """Answers with what is next in `answers`, then with 200; `held` keeps it from answering at all."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)

    @property
    def bodies(self) -> list[Any]:
        return [orjson.loads(body) for _headers, body in self.got]


@contextmanager
def hook() -> Iterator[Hook]:
    here = Hook()
    here.go.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            here.go.wait(30)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            here.paths.append(self.path)
            status, headers = here.answers.pop(0) if here.answers else (200, {})
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        here.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        yield here
        here.go.set()


@dataclass
class MailServer:
    """Takes everything; `refuses` is what it says to RCPT instead."""

    port: int = 0
    refuses: str = ""
    mails: list[tuple[str, Message]] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    here = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 test")
            to = ""
            while line := self.rfile.readline().decode().strip():
                verb = line.split(" ")[0].upper().partition(":")[0]
                if verb == "RCPT":
                    to = line.partition("<")[2].partition(">")[0]
                    self.say(here.refuses or "250 ok")
                elif verb == "DATA":
                    self.say("354 go on")
                    here.mails.append((to, message_from_bytes(self.data(), policy=cast(Any, default))))
                    self.say("250 taken")
                else:
                    self.say("221 bye" if verb == "QUIT" else "250 ok")

        def data(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            return b"".join(lines)

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as server:
        here.port = int(server.server_address[1])
        yield here


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

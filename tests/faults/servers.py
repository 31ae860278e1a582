"""What befalls servers: a PostgreSQL of the test's own, and a stack's Redis."""

import shutil

import psutil

from scripts.private_postgres import Server
from tests.stack import Stack


def crash(server: Server) -> None:
    """All of its processes at once, in the middle of whatever they do."""
    everyone = family(server)
    for each in everyone:
        each.kill()
    assert server.process is not None
    server.process.wait(timeout=10)
    psutil.wait_procs(everyone, timeout=10)


def freeze(server: Server) -> None:
    for each in family(server):
        each.suspend()


def thaw(server: Server) -> None:
    for each in family(server):
        each.resume()


def bring_back(server: Server) -> None:
    """However a scenario left it."""
    if not server.is_running():
        server.start()
    thaw(server)


def family(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    parent = psutil.Process(server.process.pid)
    return [parent, *parent.children(recursive=True)]


def lose_what_redis_kept(stack: Stack) -> None:
    """Its data, but not its configuration."""
    for folder in (stack.folder / "redis").glob("*/appendonlydir"):
        shutil.rmtree(folder)

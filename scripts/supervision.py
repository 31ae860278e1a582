"""Runs processes under supervisord, which starts again what dies."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from responses_ui.folders import temporary_folder
from responses_ui.private_redis import write_private
from responses_ui.processes import Process, tied
from scripts.console import ROOT, GiveUp

START_SECONDS = 60
LOG_LINES = 25


class Supervisor:
    """Takes groups of processes; the members of one start and stop together, the last group stops first.

    Configuration and logs are below the data folder; the socket is not, as it needs a short path.
    """

    def __init__(self, data: Path, groups: Mapping[str, Sequence[Process]]) -> None:
        self.groups = groups
        self.logs = data / "log"
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self.sockets = temporary_folder("sv")
        self.configuration = data / "supervisord.conf"
        write_private(self.configuration, self._configuration())
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = (sys.executable, "-m", "supervisor.supervisord", "-n", "-c", self.configuration.name)
        with (self.logs / "supervisord.out").open("wb") as output:
            self.running = subprocess.Popen(
                tied(command),
                cwd=self.configuration.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A Ctrl-C in the terminal is for us; we stop the processes in their order.
                start_new_session=True,
            )
        self._wait_until_it_listens()

    def launch(self, group: str) -> None:
        self._call("startProcessGroup", group, False)

    def is_running(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def dead(self) -> list[str]:
        """The names of processes that don't stay up."""
        return [info["name"] for info in self._call("getAllProcessInfo") if info["statename"] == "FATAL"]

    def tail(self, name: str) -> str:
        log = self.logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join(lines[-LOG_LINES:])

    def stop(self) -> None:
        if self.is_running() and self.running is not None:
            self.running.terminate()
            patience = sum(process.stop_seconds for group in self.groups.values() for process in group)
            self.running.wait(timeout=patience + 10)
        shutil.rmtree(self.sockets, ignore_errors=True)

    @property
    def _socket(self) -> str:
        return f"unix://{self.sockets}/supervisor.sock"

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, serverurl=self._socket)
        with ServerProxy("http://supervisor", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (self.sockets / "supervisor.sock").exists():
            if not self.is_running() or time.monotonic() > deadline:
                raise GiveUp(f"supervisord did not start:\n{(self.logs / 'supervisord.out').read_text()}")
            time.sleep(0.05)

    def _configuration(self) -> str:
        head = section(
            "supervisord",
            nodaemon="true",
            silent="true",
            umask="077",
            logfile="log/supervisord.log",
            pidfile=self.sockets / "supervisord.pid",
            # Said aloud, because supervisord warns when root runs it without a word.
            **({"user": "root"} if os.geteuid() == 0 else {}),
        )
        socket = section("unix_http_server", file=self.sockets / "supervisor.sock", chmod="0700")
        client = section("supervisorctl", serverurl=self._socket)
        programs = [self._program(process) for group in self.groups.values() for process in group]
        groups = [
            section(f"group:{name}", programs=",".join(process.name for process in group), priority=order)
            for order, (name, group) in enumerate(self.groups.items(), 1)
        ]
        return "\n".join((head, socket, RPC_INTERFACE, client, *programs, *groups))

    def _program(self, process: Process) -> str:
        return section(
            f"program:{process.name}",
            command=shlex.join(tied(process.command)),
            directory=ROOT,
            autostart="false",
            autorestart="true",
            startsecs="1",
            startretries="3",
            stopasgroup="true",
            killasgroup="true",
            stopwaitsecs=process.stop_seconds,
            redirect_stderr="true",
            # Relative to the data folder, whose name may hold what supervisord takes for placeholders.
            stdout_logfile=f"log/{process.name}.log",
            stdout_logfile_maxbytes="20MB",
            stdout_logfile_backups="3",
        )


RPC_INTERFACE = """[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""


def section(name: str, **values: object) -> str:
    """Percent signs would be taken for the beginning of a placeholder."""
    lines = [f"{key}={str(value).replace('%', '%%')}" for key, value in values.items()]
    return "\n".join((f"[{name}]", *lines, ""))

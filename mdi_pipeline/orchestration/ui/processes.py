"""The processes beside the web server: Dagster's code server and daemon, started and ended together.

The code server listens on a socket in a folder that only its owner can enter: a client of it can run code.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from mdi_pipeline.home.folder import HomeError

CODE_LOCATION = "mdi_pipeline.definitions"
"""The module of the code location, and its name: what is switched on in the UI is kept under that name."""

GRACE = 15.0
"""Seconds that processes have to end by themselves."""

GLANCE = 0.1
"""Seconds between two looks at processes."""


class ServerEnded(HomeError):
    """One of the servers of the UI ended by itself; the message says which."""


@dataclass
class Processes:
    """The processes that were started, by name, and the folder of what they share."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def workspace_file(self) -> Path:
        """The file that tells the web server and the daemon where the code server is."""
        return self.folder / "workspace.yaml"

    @property
    def code_server_socket(self) -> Path:
        """Where the code server listens."""
        return self.folder / "code-server.sock"

    def start_code_server(self) -> None:
        """Start the code server."""
        location = {"socket": str(self.code_server_socket), "location_name": CODE_LOCATION}
        self.workspace_file.write_text(json.dumps({"load_from": [{"grpc_server": location}]}))  # JSON is YAML
        # Dagster puts the working directory on the import path: it is given one without modules.
        code = ["--module-name", CODE_LOCATION, "--working-directory", str(self.folder)]
        socket_option = ["--socket", str(self.code_server_socket)]
        self._start("code server", "dagster", "code-server", "start", *code, *socket_option, "--log-level", "warning")

    def start_daemon(self) -> None:
        """Start the daemon."""
        self._start("daemon", "dagster-daemon", "run", "--workspace", str(self.workspace_file))

    def wait_for_code_server(self) -> None:
        """Wait until the code server listens. Raises `ServerEnded` where it ends instead."""
        while not _listens(self.code_server_socket):
            self.raise_if_ended()
            time.sleep(GLANCE)

    def raise_if_ended(self) -> None:
        """Raise `ServerEnded` where one of the processes has ended."""
        for name, process in self.running.items():
            status = process.poll()
            if status is not None:
                raise ServerEnded(f"Dagster's {name} ended by itself (exit code {status}), and so does mdi ui")

    def _start(self, name: str, *command: str) -> None:
        # Safe path: without the current directory on the import path, where a stray file could pass for a library.
        # A process group of its own: all that it starts is in it, and is found there when the process itself is dead.
        self.running[name] = subprocess.Popen(  # noqa: S603, our own words, and no shell
            [sys.executable, "-m", "mdi_pipeline.orchestration.ui.attached", *command],
            stdin=subprocess.PIPE,
            env=os.environ | {"PYTHONSAFEPATH": "1"},
            process_group=0,
        )

    def end(self) -> None:
        """End the processes with all that they started, runs included; what does not end in time is killed."""
        until = time.monotonic() + GRACE
        self._signal(signal.SIGTERM)
        while self._any_runs() and time.monotonic() < until:
            time.sleep(GLANCE)
        self._signal(signal.SIGKILL)
        for process in self.running.values():
            process.wait()

    def _signal(self, number: signal.Signals) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def _any_runs(self) -> bool:
        groups = {process.pid for process in self.running.values()}
        return any(_group(one) in groups for one in psutil.process_iter())


@contextmanager
def processes() -> Iterator[Processes]:
    """Nothing started as yet; ended at the end, whatever was started."""
    with TemporaryDirectory(prefix="mdi-ui-") as folder:
        started = Processes(Path(folder))
        try:
            yield started
        finally:
            started.end()


def _listens(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(address)) == 0


def _group(process: psutil.Process) -> int | None:
    """The process group of a process; None where it is dead."""
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else os.getpgid(process.pid)
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return None

"""`mdi ui` on a home, in processes of its own, and what is asked of it by GraphQL."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import psutil

from mdi_pipeline.home.folder import Home

PATIENCE = 400
"""Seconds to wait for anything, on a machine that does other things too."""


@contextmanager
def served(home: Home, *options: str, cwd: Path | None = None) -> Iterator["Served"]:
    """`mdi ui` on a home, once it answers; at the end all its processes are killed, runs included."""
    port = free_port()
    command = [sys.executable, "-P", "-m", "mdi_pipeline", "ui", "--home", str(home.path), "--port", str(port)]
    home.path.mkdir(parents=True, exist_ok=True)
    log = home.path / "servers.log"
    with log.open("ab") as writing:
        process = subprocess.Popen(
            [*command, *options],
            stdout=writing,
            stderr=writing,
            stdin=subprocess.DEVNULL,
            cwd=cwd,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: process.poll() is not None or answers(address), "the web server")
        assert process.poll() is None, log.read_text()
        yield Served(address, port, process, log)
    finally:
        for one in processes_of(process.pid):
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()


def processes_of(process_id: int) -> list[psutil.Process]:
    """A process and all that it started; none where it is gone."""
    try:
        process = psutil.Process(process_id)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


class Served(NamedTuple):
    """`mdi ui`: where it answers, its process, and what it wrote."""

    address: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path


def ask(address: str, query: str, **variables: Any) -> Any:
    """The data that a GraphQL query gives."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def wait_for(true: Callable[[], bool], what: str) -> None:
    """Wait until something is true; fails where patience ends."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"waited {PATIENCE} s for {what}"
        time.sleep(0.3)


def answers(address: str) -> bool:
    """Whether a web server is there."""
    try:
        with urlopen(f"{address}/server_info", timeout=5):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port

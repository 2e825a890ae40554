"""Dagster's web server and daemon on a home, in processes of their own, and what is asked of them by GraphQL."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.instance import open_instance

PATIENCE = 400
"""Seconds to wait for anything, on a machine that does other things too."""


@contextmanager
def served(home: Home, *, daemon: bool) -> Iterator[str]:
    """The address of the UI on a home; at the end all its processes are killed, runs included."""
    with open_instance(home):
        pass
    port = free_port()
    servers = [["dagster_webserver", "-h", "127.0.0.1", "-p", str(port)]]
    servers += [["dagster._daemon", "run"]] if daemon else []
    environment = os.environ | {"DAGSTER_HOME": str(home.instance), "MDI_HOME": str(home.path)}
    log = (home.path / "servers.log").open("ab")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", *server, "-m", "mdi_pipeline.definitions"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        for server in servers
    ]
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(address), "the web server")
        yield address
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


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

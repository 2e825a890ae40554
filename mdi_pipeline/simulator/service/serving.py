"""The server of a simulated Hub."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from mdi_pipeline.simulator.service.application import SimulatedHub

STARTING = 10.0
"""Seconds within which a server must be up."""


def serve(hub: SimulatedHub, host: str, port: int) -> None:
    """Serve until stopped."""
    _server(hub, host, port).run()


@contextmanager
def served(hub: SimulatedHub) -> Iterator[str]:
    """Serve from a thread of this process, on a port that is free; the endpoint."""
    server = _server(hub, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + STARTING
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the simulated Hub does not start")
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()


def _server(hub: SimulatedHub, host: str, port: int) -> uvicorn.Server:
    # Connections that are cut on purpose would each be logged with a traceback.
    return uvicorn.Server(uvicorn.Config(hub.application, host=host, port=port, log_level="critical"))

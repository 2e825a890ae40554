"""`mdi simulate-hub`: the simulated Hub served by the command."""

from __future__ import annotations

import socket
import subprocess
import sys

import httpx2
import pytest


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.slow
def test_the_command_serves() -> None:
    port = free_port()
    command = "from mdi_pipeline.cli.main import main; main()"
    arguments = ["simulate-hub", "--size", "2000", "--port", str(port)]
    with subprocess.Popen([sys.executable, "-c", command, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "2,000 models" in process.stdout.readline()
            transport = httpx2.HTTPTransport(retries=8)
            with httpx2.Client(transport=transport) as client:
                assert len(client.get(f"http://127.0.0.1:{port}/api/models?limit=10").json()) == 10
        finally:
            process.terminate()

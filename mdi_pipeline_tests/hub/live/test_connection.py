"""One answer, within bounds of time, and where it may come from."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mdi_pipeline.hub.live.connection import HubConnection, Patience
from mdi_pipeline.hub.live.endpoint import Endpoint
from mdi_pipeline.hub.live.pacing import Pace
from mdi_pipeline.hub.source import SourceError

HURRY = Patience(connect=1, read=1, whole=0.7, retries=1, first_wait=0.01)


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that answers each connection in its own way, below HTTP; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65_536)
                        answer(connection)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def get(address: str, patience: Patience = HURRY) -> bytes:
    connection = HubConnection(Endpoint.named(address), Pace(lambda _: None), patience)
    return connection.get("/api/models", most=1_000).body


def dripping(first: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(200):
            time.sleep(0.1)
            connection.sendall(b"x")

    return answer


@pytest.mark.parametrize(
    "first", [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"]
)
def test_s11_a_server_that_drips_is_left_wherever_in_its_answer_it_is(first: bytes) -> None:
    started = time.monotonic()
    with answering(dripping(first)) as address, pytest.raises(SourceError, match="cannot be read"):
        get(address)
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://[::bad/\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /api/models\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
        b"\xff\xfe not HTTP\r\n",
    ],
)
def test_answers_that_lead_nowhere_are_one_line(head: bytes) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head + b"Connection: close\r\n\r\nbody")

    with answering(answer) as address, pytest.raises(SourceError) as refused:
        get(address)
    assert str(refused.value).isprintable()
    assert "passwd" not in str(refused.value)


def test_after_a_connection_that_was_given_up_the_next_one_works() -> None:
    def whole(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")

    with answering(dripping(b"HTTP/1.1 200 OK\r\n")) as address, pytest.raises(SourceError):
        get(address)
    with answering(whole) as address:
        assert get(address) == b"[]"


@pytest.mark.parametrize("status", [500, 503])
def test_s11_an_error_that_demands_years_is_refused(status: int) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(
            f"HTTP/1.1 {status} X\r\nRetry-After: 315360000\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )

    with answering(answer) as address, pytest.raises(SourceError, match=r"demands a wait of 3,6\d\d days"):
        get(address)

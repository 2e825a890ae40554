"""Serve Dagster's UI on a home until told to end: what `mdi ui` does."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from mdi_pipeline.home.folder import Home, HomeError
from mdi_pipeline.orchestration.instance import end_dead_runs, open_instance
from mdi_pipeline.orchestration.ui.processes import GLANCE, Processes, ServerEnded, processes

if TYPE_CHECKING:
    import uvicorn

CLOSING = 3
"""Seconds that open connections have at the end: a UI in a browser keeps some for ever."""

STATEMENT_TIMEOUT, POOL_RECYCLE, POOL_MAX_OVERFLOW = 15_000, 3_600, 20
"""How `dagster-webserver` uses a database server by default: milliseconds, seconds, connections."""


@dataclass(frozen=True)
class Address:
    """What to listen on, as the user gave it."""

    host: str
    port: int


def serve(home: Home, address: Address, *, read_only: bool, listening: Callable[[frozenset[str]], None]) -> NoReturn:
    """Serve until SIGINT or SIGTERM, then exit with 0; all that was started ends along.

    `listening` is told the names under which the UI can be opened, each with its port. Raises `HomeError` where the
    address cannot be listened on, and `ServerEnded` where one of the servers ended by itself.
    """
    for told_to_end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told_to_end, _exit)
    with _listening_socket(address) as listener, open_instance(home) as instance, processes() as others:
        others.start_code_server()
        end_dead_runs(instance)
        # What follows takes seconds to import, in which the code server loads.
        import uvicorn

        from mdi_pipeline.orchestration.dagster_private import workspace_of
        from mdi_pipeline.orchestration.ui.application import web_application
        from mdi_pipeline.orchestration.ui.guard import Guard, allowed_hosts

        instance.optimize_for_webserver(STATEMENT_TIMEOUT, POOL_RECYCLE, POOL_MAX_OVERFLOW)
        others.wait_for_code_server()
        others.start_daemon()
        hosts = allowed_hosts(address.host, listener.getsockname()[1])
        with workspace_of(instance, others.workspace_file, read_only=read_only) as workspace:
            guarded = Guard(web_application(workspace, home.reports.root, read_only=read_only), hosts)
            server = uvicorn.Server(
                uvicorn.Config(
                    guarded,
                    log_level="warning",
                    proxy_headers=False,
                    server_header=False,
                    timeout_graceful_shutdown=CLOSING,
                )
            )
            threading.Thread(target=_end_with_the_others, args=(server, others), daemon=True).start()
            listening(hosts)
            server.run(sockets=[listener])
            others.raise_if_ended()
    raise ServerEnded("Dagster's web server ended by itself, and so does mdi ui")


def _exit(*_: object) -> NoReturn:
    raise SystemExit(0)


def _end_with_the_others(server: uvicorn.Server, others: Processes) -> None:
    """End the web server when another process has ended."""
    stop = threading.Event()
    while not stop.wait(GLANCE):
        try:
            others.raise_if_ended()
        except ServerEnded:
            server.should_exit = True
            return


def _listening_socket(address: Address) -> socket.socket:
    """A socket that is bound. Raises `HomeError` where that cannot be had."""
    try:
        family, *_, bound_to = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(bound_to)
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        what = getattr(error, "strerror", None) or error
        raise HomeError(
            f"cannot listen on {address.host}, port {address.port}: {what}. Give another with --host or --port"
        ) from error
    return listener

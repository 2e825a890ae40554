"""A file on the Hub, of which ranges can be had."""

from __future__ import annotations

import re
from http import HTTPStatus

from mdi_pipeline.hub.live.connection import HubConnection, Received
from mdi_pipeline.hub.live.pacing import RESUMED
from mdi_pipeline.hub.source import SourceError

CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")

EXPIRED = frozenset((HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE))
"""What a store answers when the address that the Hub gave for a file is no longer valid."""


class RemoteFile:
    """A file at a path of the Hub.

    The Hub redirects to the store that holds the file; that address is used again until it expires, so that a file of
    many ranges costs few calls of the Hub's quota.
    """

    def __init__(self, connection: HubConnection, path: str) -> None:
        self._connection = connection
        self._path = path
        self._store: str | None = None

    def size(self) -> int:
        """The bytes of the file. Raises `SourceError`."""
        return self._range(0, 1)[1]

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to, not including, `stop`. Raises `SourceError`."""
        return self._range(start, stop)[0]

    def _range(self, start: int, stop: int) -> tuple[bytes, int]:
        """A range, and the size of the whole."""
        wrong = ""
        for wait in self._connection.patience.waits():
            if wait:
                self._connection.pace.pause(wait)
            received = self._received(start, stop)
            said = CONTENT_RANGE.fullmatch(received.headers.get("content-range", "").strip())
            if received.status == HTTPStatus.PARTIAL_CONTENT and said:
                first, last, size = (int(number) for number in said.groups())
                if (first, last) == (start, min(stop, size) - 1) and len(received.body) == last + 1 - first:
                    return received.body, size
            wrong = "it sends other bytes of it than those asked for"
        raise SourceError(f"{self._connection.endpoint.address}{self._path} cannot be read: {wrong}. {RESUMED}")

    def _received(self, start: int, stop: int) -> Received:
        headers = {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"}
        if self._store:
            received = self._connection.get(self._store, most=stop - start, headers=headers, may_leave=True)
            if received.status not in EXPIRED:
                return self._usable(received)
            self._store = None
        received = self._usable(self._connection.get(self._path, most=stop - start, headers=headers, may_leave=True))
        self._store = received.address
        return received

    def _usable(self, received: Received) -> Received:
        """The answer, where it may be a part of the file. Raises `SourceError`."""
        if received.status == HTTPStatus.OK:
            raise SourceError(
                f"{self._connection.endpoint.address} does not send parts of files (a request with `Range` is answered "
                "200, not 206), and the archive is read by parts. Set HF_ENDPOINT to a Hub that does."
            )
        if received.status != HTTPStatus.PARTIAL_CONTENT:
            raise self._connection.refusal(received, self._connection.endpoint.message(received.reason))
        return received

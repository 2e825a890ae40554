"""The listing's pages as the Hub sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from mdi_pipeline.hub.live.connection import MIB, HubConnection, Patience, Received
from mdi_pipeline.hub.live.endpoint import Endpoint
from mdi_pipeline.hub.live.listing import ROUTE, Listing
from mdi_pipeline.hub.live.pacing import Pace
from mdi_pipeline.hub.source import SourceError

MAX_PAGE = 64 * MIB
"""Bytes of a page, unpacked: 1,000 models take 1 MB, and seldom 5."""

POSSIBLE_YEARS = range(2016, 2100)
"""Years that the clock of a Hub can show."""

REFUSAL_LENGTH = 4_000
"""Characters of a refusal that are read: it may name all the fields that there are."""

UNKNOWN_CURSOR = frozenset((HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY))


@dataclass(frozen=True)
class Answer:
    """A page as it came: its bytes without secrets, the next one's cursor (None: none told), the server's clock."""

    body: bytes
    next_cursor: str | None
    moment: datetime


class CursorRefused(SourceError):
    """The Hub no longer knows a cursor."""


class ListingRefused(SourceError):
    """The Hub refuses what is asked of the listing; the message is its own."""


class HubClient:
    """The Hub's listing, page by page.

    Addresses of next pages are never followed as they are, only their cursor is taken: a token goes to no other host.
    """

    def __init__(self, endpoint: str | None, pace: Pace, patience: Patience) -> None:
        self._connection = HubConnection(Endpoint.named(endpoint), pace, patience)
        self.endpoint = self._connection.endpoint.address
        self.pace = pace
        self.patience = patience

    @property
    def n_requests(self) -> int:
        """Requests sent, retries and redirects included."""
        return self._connection.n_requests

    def page(self, listing: Listing, cursor: str | None) -> Answer:
        """A page of the listing.

        Raises `CursorRefused`, `ListingRefused`, or `SourceError` where the Hub cannot be reached for good.
        """
        received = self._connection.get(ROUTE, listing.parameters(cursor), most=MAX_PAGE)
        if received.status == HTTPStatus.OK:
            body = self._connection.endpoint.without_secrets(received.body)
            return Answer(body, _next_cursor(received), _moment(received.headers))
        said, endpoint = self._said(received), self._connection.endpoint
        if received.status in UNKNOWN_CURSOR:
            raise (ListingRefused if cursor is None else CursorRefused)(endpoint.message(said, REFUSAL_LENGTH))
        raise self._connection.refusal(received, endpoint.message(said))

    def _said(self, received: Received) -> object:
        try:
            return json.loads(received.body)["error"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return received.reason


def _next_cursor(received: Received) -> str | None:
    """The cursor that the header `Link` names; None where it names none that can be read."""
    try:
        cursor = parse_qs(urlsplit(received.next_link or "").query).get("cursor")
    except ValueError:
        return None
    return cursor[0] if cursor else None


def _moment(headers: Mapping[str, str]) -> datetime:
    """The server's clock, which its times are by; this machine's where it tells none that is possible."""
    try:
        told = parsedate_to_datetime(headers["date"])
        if told.year in POSSIBLE_YEARS:
            return told.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        pass
    return datetime.now(UTC)

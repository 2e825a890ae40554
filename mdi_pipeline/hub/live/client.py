"""One page of the listing over the network: retried, paced, timed out, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from huggingface_hub import constants, get_token
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, http_backoff

from mdi_pipeline.hub.live.listing import ROUTE, Listing
from mdi_pipeline.hub.live.pacing import Pace
from mdi_pipeline.hub.source import SourceError

PASSING = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Errors of the server that pass by themselves. 429 is not among them: the pace deals with it."""

MAX_REFUSALS = 20
"""Answers of 429 in a row after which something other than the pace is wrong."""

RESUMED = "Run the same command again today: it goes on from the last page that came."


@dataclass(frozen=True)
class Patience:
    """How long a page is waited for and how often it is asked for again.

    `read` is the longest silence of the server and `connect` the longest time to reach it, in seconds;
    `retries` is how often a failing call is made again, after `first_wait` seconds, doubled up to `last_wait`.
    """

    connect: float = 15.0
    read: float = 60.0
    retries: int = 8
    first_wait: float = 1.0
    last_wait: float = 60.0


@dataclass(frozen=True)
class Answer:
    """A page as it came: its text, the cursor of the next one (None: it is the last), the server's clock."""

    text: str
    next_cursor: str | None
    moment: datetime


class CursorRefused(SourceError):
    """The Hub no longer knows a cursor."""


class ListingRefused(SourceError):
    """The Hub refuses what is asked of the listing; the message is its own."""


class HubClient:
    """The Hub's listing, through huggingface_hub's session, headers and back-off.

    The user's token, endpoint, proxies and offline switch are those of huggingface_hub. Addresses of next
    pages are never followed as they are, only their cursor is taken: a token goes to no other host.
    """

    def __init__(self, endpoint: str | None, pace: Pace, patience: Patience) -> None:
        self.endpoint = (endpoint or constants.ENDPOINT).rstrip("/")
        self.pace = pace
        self.patience = patience
        self.n_requests = 0
        self._headers = build_hf_headers(library_name="mdi_pipeline")

    def page(self, listing: Listing, cursor: str | None) -> Answer:
        """A page of the listing.

        Raises `CursorRefused`, `ListingRefused`, or `SourceError` where the Hub cannot be reached for good.
        """
        response = self._answered(listing.parameters(cursor))
        if response.status_code == HTTPStatus.OK:
            return Answer(response.text, _next_cursor(response), _moment(response.headers))
        message = self._message(response)
        if response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}:
            raise (ListingRefused if cursor is None else CursorRefused)(message)
        raise SourceError(f"{self.endpoint} answers {response.status_code}: {message}. {RESUMED}")

    def _answered(self, parameters: list[tuple[str, str]]) -> httpx2.Response:
        for _ in range(MAX_REFUSALS):
            self.pace.wait()
            response = self._call(parameters)
            refused = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
            self.pace.learn(response.headers, refused=refused)
            if not refused:
                return response
        raise SourceError(f"{self.endpoint} keeps answering 429, whatever its headers say. {RESUMED}")

    def _call(self, parameters: list[tuple[str, str]]) -> httpx2.Response:
        patience = self.patience
        try:
            return http_backoff(
                "GET",
                self.endpoint + ROUTE,
                params=parameters,
                headers=self._headers,
                timeout=httpx2.Timeout(patience.read, connect=patience.connect),
                extensions={"trace": self._count},
                max_retries=patience.retries,
                base_wait_time=patience.first_wait,
                max_wait_time=patience.last_wait,
                retry_on_status_codes=tuple(int(status) for status in PASSING),
            )
        except OfflineModeIsEnabled:
            raise SourceError("HF_HUB_OFFLINE is set: the live Hub cannot be crawled. Unset it.") from None
        except HfHubHTTPError as error:
            raise SourceError(f"{self.endpoint} keeps answering {error.response.status_code}. {RESUMED}") from None
        except httpx2.HTTPError as error:
            raise SourceError(f"{self.endpoint} cannot be read: {self._clean(error)}. {RESUMED}") from None

    def _count(self, event: str, _: Mapping[str, Any]) -> None:
        """Count what goes over the wire, retries and redirects too (the transport's own trace)."""
        if event.endswith("send_request_headers.started"):
            self.n_requests += 1

    def _message(self, response: httpx2.Response) -> str:
        try:
            said = response.json()["error"]
        except (ValueError, KeyError, TypeError):
            said = response.reason_phrase
        return self._clean(said)

    def _clean(self, said: object) -> str:
        """The first line of a message, without the token, should anyone have echoed it."""
        first = next(iter(str(said).strip().splitlines()), type(said).__name__)
        token = get_token()
        return first.replace(token, "<token>") if token else first


def _next_cursor(response: httpx2.Response) -> str | None:
    address = response.links.get("next", {}).get("url")
    if address is None:
        return None
    cursor = parse_qs(urlsplit(address).query).get("cursor")
    return cursor[0] if cursor else None


def _moment(headers: Mapping[str, str]) -> datetime:
    """The server's clock, which its times are by; this machine's where it tells none."""
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.now(UTC)

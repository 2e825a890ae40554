"""One answer over HTTP, within bounds of time and size: retried, paced, counted, its redirects looked at."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import close_session, get_hf_hub_version, get_session

from mdi_pipeline.hub.live.endpoint import Endpoint
from mdi_pipeline.hub.live.pacing import RESUMED, Pace
from mdi_pipeline.hub.source import SourceError

PASSING = frozenset(
    (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    )
)
"""Errors of the server that pass by themselves. 429 is not among them: the pace deals with it."""

REDIRECTS = frozenset(
    (
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    )
)

UNKNOWN_USER = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

MAX_REDIRECTS = 5

MAX_REFUSALS = 20
"""Answers of 429 in a row after which something other than the pace is wrong."""

MIB = 2**20


@dataclass(frozen=True)
class Patience:
    """How long an answer is waited for and how often it is asked for again.

    `read` is the longest silence of the server, `connect` the longest time to reach it and `whole` the longest time
    until an answer is there as a whole, in seconds; `retries` is how often a failing call is made again, after
    `first_wait` seconds, doubled up to `last_wait`.
    """

    connect: float = 15.0
    read: float = 60.0
    whole: float = 180.0
    retries: int = 8
    first_wait: float = 1.0
    last_wait: float = 60.0

    def waits(self) -> Iterator[float]:
        """The seconds to wait before each try: none before the first."""
        yield 0.0
        wait = self.first_wait
        for _ in range(self.retries):
            yield wait
            wait = min(2 * wait, self.last_wait)


@dataclass(frozen=True)
class Received:
    """An answer, unpacked: `next_link` is the next page that it names, `address` where it came from."""

    status: int
    reason: str
    headers: httpx2.Headers
    next_link: str | None
    body: bytes
    address: str


class _Unusable(Exception):
    """An answer that is beyond a bound; another try may be better."""


class HubConnection:
    """The Hub over huggingface_hub's session.

    Proxies, certificates and offline switch are those of huggingface_hub's session; token and endpoint are the user's
    for it. Its `build_hf_headers` is not used: that asks the Hub which coding agents there are and trusts the answer,
    for a day, whatever its shape. Nor is its `http_backoff`: that obeys any wait and logs addresses with passwords.
    """

    def __init__(self, endpoint: Endpoint, pace: Pace, patience: Patience) -> None:
        self.endpoint = endpoint
        self.pace = pace
        self.patience = patience
        self.n_requests = 0
        self._agent = {"User-Agent": f"mdi_pipeline; hf_hub/{get_hf_hub_version()}"}

    def get(
        self,
        path: str,
        parameters: Sequence[tuple[str, str]] = (),
        *,
        most: int,
        headers: Mapping[str, str] | None = None,
        may_leave: bool = False,
    ) -> Received:
        """The answer to a call, of at most so many bytes.

        `path` is one on the endpoint, or an address. `may_leave`: a redirect may lead to another host, as those of
        large files do; login and token do not go there. Raises `SourceError` where no answer is to be had for good.
        """
        address = path if "://" in path else self.endpoint.address + path
        if parameters:
            address = str(httpx2.URL(address, params=list(parameters)))
        for _ in range(MAX_REFUSALS):
            self.pace.wait()
            received = self._persistently(address, headers or {}, most, may_leave=may_leave)
            refused = received.status == HTTPStatus.TOO_MANY_REQUESTS
            self.pace.learn(received.headers, refused=refused)
            if not refused:
                return received
        raise SourceError(f"{self.endpoint.address} keeps answering 429, whatever its headers say. {RESUMED}")

    def refusal(self, received: Received, said: str) -> SourceError:
        """The error for an answer that is a refusal; `said` is what the server says."""
        what = f"{self.endpoint.address} answers {received.status}: {said}"
        if received.status in UNKNOWN_USER:
            return SourceError(
                f"{what}. If you have a login there, it was refused or has ended: log in again (hf auth login) or "
                "correct HF_TOKEN. If you need none, take the old one away: hf auth logout, unset HF_TOKEN."
            )
        return SourceError(f"{what}. {RESUMED}")

    def _persistently(self, address: str, headers: Mapping[str, str], most: int, *, may_leave: bool) -> Received:
        failure = ""
        for wait in self.patience.waits():
            if wait:
                self.pace.pause(wait)
                self.pace.wait()
            try:
                received = self._followed(address, headers, most, may_leave=may_leave)
            except OfflineModeIsEnabled:
                raise SourceError("HF_HUB_OFFLINE is set: the Hub cannot be read. Unset it.") from None
            except (_Unusable, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
                failure = f"cannot be read: {self.endpoint.message(error)}"
                continue
            if received.status not in PASSING:
                return received
            failure = f"keeps answering {received.status}"
            if "retry-after" in received.headers:
                self.pace.learn(received.headers, refused=True)
        raise SourceError(f"{self.endpoint.address} {failure}. {RESUMED}")

    def _followed(self, address: str, headers: Mapping[str, str], most: int, *, may_leave: bool) -> Received:
        for _ in range(MAX_REDIRECTS + 1):
            at_home = _is_at(address, self.endpoint.address)
            known = self.endpoint.authorization() if at_home else {}
            received = self._once(address, {**self._agent, **headers, **known}, most)
            location = received.headers.get("location")
            if received.status not in REDIRECTS or location is None:
                return received
            address = self._next_address(address, location, may_leave=may_leave)
        raise _Unusable(f"more than {MAX_REDIRECTS} redirects")

    def _next_address(self, address: str, location: str, *, may_leave: bool) -> str:
        """Where a redirect leads. Raises `SourceError` where one does not go there."""
        try:
            target = urljoin(address, location)
            host = urlsplit(target).hostname
            at_home = _is_at(target, self.endpoint.address)
        except ValueError:
            raise _Unusable("a redirect to what is no address") from None
        if not at_home and not may_leave:
            raise SourceError(
                f"{self.endpoint.address} redirects to another host, {self.endpoint.message(host or 'none')}: not "
                "followed. If that is your Hub's new address, set HF_ENDPOINT to it; if it is a login page, log in."
            )
        if not target.startswith(("https://", "http://") if address.startswith("http://") else "https://"):
            raise _Unusable("a redirect to what is not encrypted")
        return target

    def _once(self, address: str, headers: Mapping[str, str], most: int) -> Received:
        patience = self.patience
        with self._within_time() as is_late:
            try:
                with get_session().stream(
                    "GET",
                    address,
                    headers=dict(headers),
                    timeout=httpx2.Timeout(patience.read, connect=patience.connect),
                    follow_redirects=False,
                    extensions={"trace": self._count},
                ) as response:
                    body = bytearray()
                    # The whole of a file of which a part was asked for is of no use.
                    is_wanted = "Range" not in headers or response.status_code != HTTPStatus.OK
                    for piece in response.iter_bytes() if is_wanted else ():
                        body += piece
                        if len(body) > most:
                            raise _Unusable(f"an answer is larger than the {most // MIB} MiB that one may be")
                        if is_late.is_set():
                            break
            except (httpx2.HTTPError, httpx2.StreamError, OSError, RuntimeError) as error:
                # A connection that the time limit closed fails in one of many ways; all mean the same.
                if not is_late.is_set():
                    if isinstance(error, httpx2.ConnectError):
                        close_session()
                    raise
            if is_late.is_set():
                raise _Unusable(f"an answer was not whole after {patience.whole:g} seconds")
        next_link = response.links.get("next", {}).get("url")
        return Received(response.status_code, response.reason_phrase, response.headers, next_link, bytes(body), address)

    @contextmanager
    def _within_time(self) -> Iterator[threading.Event]:
        """A time limit on all that happens inside: the event is set and the connection closed when it is up.

        Time-outs of the session are silences: a server that sends a byte now and then, be it of a header, meets none.
        """
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            close_session()

        timer = threading.Timer(self.patience.whole, end)
        timer.daemon = True
        timer.start()
        try:
            yield is_late
        finally:
            timer.cancel()

    def _count(self, event: str, _: Mapping[str, Any]) -> None:
        """Count what goes over the wire, retries and redirects too (the transport's own trace)."""
        if event.endswith("send_request_headers.started"):
            self.n_requests += 1


def _is_at(address: str, endpoint: str) -> bool:
    """Whether an address is on the endpoint's host, over a connection as safe. Raises `ValueError` for no address."""
    ours, theirs = urlsplit(endpoint), urlsplit(address)
    if ours.hostname != theirs.hostname:
        return False
    if (ours.scheme, ours.port) == (theirs.scheme, theirs.port):
        return True
    return theirs.scheme == "https" and theirs.port in {None, 443} and ours.port in {None, 80}

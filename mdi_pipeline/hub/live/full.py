"""A full crawl: from the newest model to the oldest, by a key that never changes."""

from __future__ import annotations

from mdi_pipeline.hub.live.client import RESUMED, Answer, CursorRefused, HubClient, ListingRefused
from mdi_pipeline.hub.live.journal import Journal, Page, PageDamaged
from mdi_pipeline.hub.live.listing import Listing, cursor_after
from mdi_pipeline.hub.live.progress import Meter
from mdi_pipeline.hub.source import SourceError

MAX_DAMAGED = 10
"""Times in a row that a page may come damaged."""


class Reader:
    """Reads pages into journals, and counts what that costs over the lives of a crawl.

    The fields that the Hub refuses are left out from the first refusal on.
    """

    def __init__(self, client: HubClient, meter: Meter, listing: Listing, spent: Page | None) -> None:
        self._client = client
        self._meter = meter
        self._listing = Listing(listing.order, spent.fields) if spent else listing
        self._requests_before = spent.n_requests if spent else 0
        self._waited_before = spent.seconds_waited if spent else 0.0

    @property
    def n_requests(self) -> int:
        """Requests sent, those of processes that were killed included."""
        return self._requests_before + self._client.n_requests

    @property
    def seconds_waited(self) -> float:
        """Time spent waiting for the rate limit, likewise."""
        return self._waited_before + self._client.pace.seconds_waited

    def next_page(self, journal: Journal) -> tuple[Page, Answer]:
        """The page after the journal's last one, written down.

        Raises `SourceError` where it cannot be had.
        """
        for _ in range(MAX_DAMAGED):
            answer = self._ask(journal.last)
            try:
                page = self._write_down(journal, answer)
            except PageDamaged as error:
                damage = str(error)
                continue
            self._meter.page(page.n_records, self.seconds_waited)
            return page, answer
        raise SourceError(f"{self._client.endpoint}: {damage}, {MAX_DAMAGED} times in a row. {RESUMED}")

    def _write_down(self, journal: Journal, answer: Answer) -> Page:
        return journal.add(
            answer, fields=self._listing.fields, n_requests=self.n_requests, seconds_waited=self.seconds_waited
        )

    def _ask(self, last: Page | None) -> Answer:
        if last is None:
            return self._first()
        try:
            return self._client.page(self._listing, last.next_cursor)
        except CursorRefused as error:
            if last.last_id is None or self._listing.order != "createdAt":
                raise
            try:
                return self._client.page(self._listing, cursor_after(last.last_id))
            except CursorRefused:
                raise SourceError(f"{self._client.endpoint} refuses to go on: {error}. {RESUMED}") from None

    def _first(self) -> Answer:
        while True:
            try:
                return self._client.page(self._listing, None)
            except ListingRefused as error:
                self._listing = self._listing.without_refused(str(error))


def read_all(reader: Reader, journal: Journal) -> None:
    """Read on until the last page has come."""
    while not journal.is_complete:
        reader.next_page(journal)

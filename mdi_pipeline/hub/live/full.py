"""A full crawl: from the newest model to the oldest, by a key that never changes."""

from __future__ import annotations

from textwrap import shorten

from mdi_pipeline.hub.live.advance import asking_for_more, require_advance
from mdi_pipeline.hub.live.client import Answer, CursorRefused, HubClient, ListingRefused
from mdi_pipeline.hub.live.journal import Journal, Page
from mdi_pipeline.hub.live.listing import BY_ID, SHOWN, Listing, cursor_after
from mdi_pipeline.hub.live.pacing import RESUMED
from mdi_pipeline.hub.live.page_text import PageDamaged
from mdi_pipeline.hub.live.progress import Meter
from mdi_pipeline.hub.required_fields import require_fields
from mdi_pipeline.hub.source import SourceError


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

        One that comes damaged is asked for again; one that is damaged twice in the same way is so on the Hub, and what
        can be read of it counts. Raises `SourceError` where no page can be had or the listing leads nowhere.
        """
        before: bytes | None = None
        damage = ""
        for wait in self._client.patience.waits():
            if wait:
                self._client.pace.pause(wait)
            answer = self._ask(journal.last)
            try:
                page = self._drafted(journal, answer, damaged=answer.body == before)
            except PageDamaged as error:
                before, damage = answer.body, str(error)
                continue
            journal.keep(page)
            self._meter.page(page.n_records, self.seconds_waited)
            return page, answer
        tries = self._client.patience.retries + 1
        raise SourceError(f"{self._client.endpoint}: {damage} ({tries} tries). {RESUMED}")

    def _drafted(self, journal: Journal, answer: Answer, *, damaged: bool) -> Page:
        """A page that is fit to be kept. Raises `PageDamaged`, or `SourceError` where reading on is of no use."""
        page = journal.draft(
            answer,
            fields=self._listing.fields,
            n_requests=self.n_requests,
            seconds_waited=self.seconds_waited,
            damaged=damaged,
        )
        if page.is_told and not page.n_records:
            raise PageDamaged("a page has no models and says that more comes")
        if self._listing.order == BY_ID:
            page = asking_for_more(page, journal.last)
            require_advance(journal, page)
        if page.n_records and not journal.n_records:
            had, found = journal.fields_found()
            require_fields(had, found, self._client.endpoint)
        return page

    def _ask(self, last: Page | None) -> Answer:
        if last is None:
            return self._first()
        try:
            return self._client.page(self._listing, last.next_cursor)
        except CursorRefused as error:
            said = shorten(str(error), SHOWN)
            refusal = SourceError(f"{self._client.endpoint} refuses to go on: {said}. {RESUMED}")
            if last.last_id is None or self._listing.order != BY_ID:
                raise refusal from None
            try:
                return self._client.page(self._listing, cursor_after(last.last_id))
            except CursorRefused:
                raise refusal from None

    def _first(self) -> Answer:
        while True:
            try:
                return self._client.page(self._listing, None)
            except ListingRefused as error:
                self._listing = self._listing.without_refused(str(error))


def read_all(reader: Reader, journal: Journal) -> None:
    """Read on until the last page has come. Raises `SourceError`."""
    while not journal.is_at_end:
        reader.next_page(journal)

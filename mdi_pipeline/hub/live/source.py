"""The source `hub`: crawls of the live Hub, today's date only."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from filelock import FileLock, Timeout

from mdi_pipeline.compute.durable import replace_durably
from mdi_pipeline.hub.database import connect, quoted
from mdi_pipeline.hub.json_lines import parsed_lines
from mdi_pipeline.hub.live.client import HubClient
from mdi_pipeline.hub.live.connection import Patience
from mdi_pipeline.hub.live.endpoint import Endpoint
from mdi_pipeline.hub.live.full import Reader, read_all
from mdi_pipeline.hub.live.incremental import MARGIN, HeadEndedEarly, carried_over, read_modified
from mdi_pipeline.hub.live.journal import Journal
from mdi_pipeline.hub.live.listing import ROUTE, Listing
from mdi_pipeline.hub.live.pacing import Pace
from mdi_pipeline.hub.live.progress import Meter
from mdi_pipeline.hub.live.spool import BEGUN, SPOOL, begun_at
from mdi_pipeline.hub.records import ParsedListing
from mdi_pipeline.hub.source import (
    CarriedOver,
    Crawl,
    DateRefused,
    PreviousCrawl,
    PreviousCrawls,
    SourceError,
    Watch,
    no_previous,
    unwatched,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FAMILY = "the Hugging Face Hub"
"""The live Hub and its archive are one thing at different times."""

MEMORY = "600MB"
"""What DuckDB may hold of a crawl at once; beyond that it works on disk."""


class HubSource:
    """The live Hub, as it is while it is being read.

    `spool` is a folder that outlives a kill: pages are kept there until the crawl has landed. `previous`
    gives the crawl to build upon; where there is none, or none that is complete, or its last full crawl is
    `full_crawl_days` old or older, everything is read. `watch` is told how far the crawl has come. Endpoint,
    token, proxies and offline switch are huggingface_hub's.
    """

    kind = "hub"
    family = FAMILY

    def __init__(
        self,
        spool: Path,
        *,
        previous: PreviousCrawls = no_previous,
        full_crawl_days: int,
        watch: Watch = unwatched,
        endpoint: str | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._spool = spool / SPOOL
        self._previous = previous
        self._full_crawl_days = full_crawl_days
        self._watch = watch
        self._endpoint = endpoint
        self._patience = patience or Patience()
        self._sleep = sleep
        self._now = now

    def dates(self) -> list[date]:
        """Today, by UTC."""
        return [self._now().date()]

    def left_aside(self) -> list[str]:
        """Nothing."""
        return []

    def fingerprint(self, crawl_date: date) -> str:
        """Names endpoint and date. Raises `DateRefused` for any day but today."""
        self._refuse_other_dates(crawl_date)
        return f"hub-{Endpoint.named(self._endpoint).address}-{crawl_date}"

    def crawl(self, crawl_date: date, workspace: Path) -> Crawl:
        """The models of the Hub now, or of the crawl of today that was broken off, read to its end.

        Raises `DateRefused` for any day but today, and `SourceError` where the Hub cannot be read or another
        process reads it for this home.
        """
        self._refuse_other_dates(crawl_date)
        with self._held(crawl_date) as folder:
            previous = self._base(crawl_date)
            if previous:
                # Where the head of the listing ends early, only a full crawl shows what there is.
                with suppress(HeadEndedEarly):
                    return self._incremental(folder, previous, workspace)
            return self._full(folder, crawl_date, workspace)

    def landed(self, crawl_date: date) -> None:
        """The pages of that date can go."""
        shutil.rmtree(self._spool / str(crawl_date), ignore_errors=True)

    def _refuse_other_dates(self, crawl_date: date) -> None:
        today = self.dates()[0]
        if crawl_date != today:
            raise DateRefused(
                f"the live Hub can only be crawled as it is today, {today} (UTC), not as of {crawl_date}; "
                "the source `archive` has its past"
            )

    @contextmanager
    def _held(self, crawl_date: date) -> Iterator[Path]:
        """The date's folder in the spool, held by this process alone; those of other days go."""
        self._spool.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._spool / ".lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise SourceError("another process is crawling the Hub for this home. Wait for it.") from None
        try:
            for other in self._spool.iterdir():
                if other.is_dir() and other.name != str(crawl_date):
                    shutil.rmtree(other)
            folder = self._spool / str(crawl_date)
            folder.mkdir(exist_ok=True)
            yield folder
        finally:
            lock.release()

    def _base(self, crawl_date: date) -> PreviousCrawl | None:
        """The crawl to build upon; None where a full one is due."""
        previous = self._previous(crawl_date)
        if previous is None or crawl_date - previous.full_crawl_date >= timedelta(days=self._full_crawl_days):
            return None
        return previous

    def _full(self, folder: Path, crawl_date: date, workspace: Path) -> Crawl:
        before = self._previous(crawl_date)
        meter = Meter(self._watch, n_expected=before.n_models if before else None)
        client = self._client(Pace(meter.waiting, self._sleep))
        as_of = self._started(folder, client.endpoint)
        journal = Journal(folder / "pages")
        meter.resume(journal.n_records, len(journal.pages))
        reader = Reader(client, meter, Listing(), spent=journal.last)
        read_all(reader, journal)
        parsed = _parse([journal], workspace, client.endpoint + ROUTE)
        return Crawl(
            records=parsed.records.lazy(),
            reading=parsed.reading,
            location=client.endpoint,
            as_of=as_of,
            content_hash=journal.content_hash,
            complete=journal.has_seen_end,
            n_requests=reader.n_requests,
            n_pages=len(journal.pages),
            seconds_waited=reader.seconds_waited,
        )

    def _incremental(self, folder: Path, previous: PreviousCrawl, workspace: Path) -> Crawl:
        shutil.rmtree(folder)
        meter = Meter(self._watch)
        client = self._client(Pace(meter.waiting, self._sleep))
        as_of = self._now()
        since = previous.as_of - MARGIN
        reader = Reader(client, meter, Listing(order="lastModified"), spent=None)
        passes = read_modified(reader, folder, since)
        parsed = _parse(passes, workspace, client.endpoint + ROUTE)
        read = parsed.records.lazy()
        carried = carried_over(previous.records, read)
        return Crawl(
            records=pl.concat([read, carried]),
            reading=parsed.reading,
            location=client.endpoint,
            as_of=as_of,
            content_hash=_content_hash(passes, previous),
            n_requests=reader.n_requests,
            n_pages=sum(len(journal.pages) for journal in passes),
            seconds_waited=reader.seconds_waited,
            carried_over=CarriedOver(
                crawl_date=previous.crawl_date,
                full_crawl_date=previous.full_crawl_date,
                modified_since=since,
                n_models=int(carried.select(pl.len()).collect().item()),
            ),
        )

    def _started(self, folder: Path, endpoint: str) -> datetime:
        """When the crawl of a folder began: now, where it is empty or another endpoint's, or does not say."""
        file = folder / BEGUN
        begun = begun_at(file, endpoint)
        if begun:
            return begun
        shutil.rmtree(folder)
        folder.mkdir()
        as_of = self._now()
        staged = file.with_suffix(".staged")
        staged.write_text(json.dumps({"endpoint": endpoint, "as_of": as_of.isoformat()}))
        replace_durably(staged, file)
        return as_of

    def _client(self, pace: Pace) -> HubClient:
        return HubClient(self._endpoint, pace, self._patience)


def _content_hash(passes: Sequence[Journal], previous: PreviousCrawl) -> str:
    """SHA-256 of what was read and of what it was merged over."""
    parts = [journal.content_hash for journal in passes] + [previous.as_of.isoformat()]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _parse(journals: Sequence[Journal], workspace: Path, address: str) -> ParsedListing:
    """The pages of some journals as a parsed listing, of which nothing but the result is held as a whole."""
    files = ", ".join(f"'{quoted(file)}'" for journal in journals for file in journal.files)
    with connect() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute(f"SET temp_directory = '{quoted(workspace / 'duckdb')}'")
        connection.execute(
            f"CREATE VIEW lines AS SELECT row_number() OVER () AS line_number, line FROM read_parquet([{files}])"
        )
        return parsed_lines(connection, address)

"""Crawls of the simulated Hub."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from io import BufferedWriter, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.hub.records import canonical_records
from mdi_pipeline.hub.source import Crawl, DateRefused, SourceError
from mdi_pipeline.simulator.calibration import FIRST_DATE, LAST_DATE
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.setting import Setting

if TYPE_CHECKING:
    from typing_extensions import Buffer

VERSION = 2
"""To be raised whenever the simulation would give something else for the same size and seed."""


class DemoSource:
    """A simulated Hub: no network, the same for the same size and seed.

    `size` is the number of models on the last date. Raises `SourceError` for a size out of bounds.
    """

    kind = "demo"

    def __init__(self, size: int = 20_000, seed: int = 0) -> None:
        try:
            Setting(size, seed)
        except ValueError as error:
            raise SourceError(str(error)) from error
        self.size = size
        self.seed = seed
        self.family = f"demo of {size:,} models, seed {seed}"

    def dates(self) -> list[date]:
        """Every day from the first to the last that is simulated."""
        return [FIRST_DATE + timedelta(days=day) for day in range((LAST_DATE - FIRST_DATE).days + 1)]

    def left_aside(self) -> list[str]:
        """Nothing."""
        return []

    def fingerprint(self, crawl_date: date) -> str:
        """Names version, size, seed and date. Raises `DateRefused`."""
        self._refuse_other_dates(crawl_date)
        return f"demo-{VERSION}-{self.size}-{self.seed}-{crawl_date.isoformat()}"

    def crawl(self, crawl_date: date, _: Path) -> Crawl:
        """The listing at 00:00 UTC of that day. Raises `DateRefused`."""
        self._refuse_other_dates(crawl_date)
        listing = simulated_listing(self.size, self.seed, crawl_date)
        parsed = canonical_records(listing)
        return Crawl(
            records=parsed.records.lazy(),
            reading=parsed.reading,
            location=f"simulated Hub, {self.size:,} models on {LAST_DATE}, seed {self.seed}",
            as_of=datetime.combine(crawl_date, time(), UTC),
            content_hash=_content_hash(listing),
        )

    def landed(self, crawl_date: date) -> None:
        """Nothing is kept beside the lake."""

    def _refuse_other_dates(self, crawl_date: date) -> None:
        if not FIRST_DATE <= crawl_date <= LAST_DATE:
            raise DateRefused(
                f"the simulated Hub has no {crawl_date}: its days go from {FIRST_DATE} to {LAST_DATE}; "
                "for the real Hub's past use the source archive, for today the source hub"
            )


def _content_hash(listing: pl.DataFrame) -> str:
    """SHA-256 of the listing as an uncompressed Arrow file, which is never held."""
    hashed = _Hashed()
    with BufferedWriter(hashed) as file:
        listing.write_ipc(file)
    return hashed.digest.hexdigest()


class _Hashed(RawIOBase):
    """A file of which nothing is kept but the digest."""

    def __init__(self) -> None:
        self.digest = sha256()

    def writable(self) -> bool:
        """It is there to be written."""
        return True

    def write(self, part: Buffer, /) -> int:
        """Take in a part."""
        self.digest.update(part)
        return memoryview(part).nbytes

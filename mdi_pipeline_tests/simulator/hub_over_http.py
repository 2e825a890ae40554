"""A small simulated Hub, and the live source on it, in a hurry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mdi_pipeline.hub.crawl import CrawlTables, take_crawl
from mdi_pipeline.hub.live.connection import Patience
from mdi_pipeline.hub.live.source import HubSource
from mdi_pipeline.hub.source import CrawlProgress, Source
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.service.archive import SimulatedArchive
from mdi_pipeline.simulator.service.faults import Faults
from mdi_pipeline.simulator.service.pages import SimulatedListing, rendered
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline.simulator.service.server import SimulatedHub

SIZE = 3_000
LISTED = date(2026, 8, 31)
TODAY = datetime.now(UTC).date()
"""The live Hub's date: that on which the tests began, however late they end."""
IN_A_HURRY = Patience(connect=2.0, read=0.4, whole=5.0, first_wait=0.01, last_wait=0.05)


def now() -> datetime:
    """The time of day, on the live Hub's date."""
    return datetime.combine(TODAY, datetime.now(UTC).timetz())


@cache
def models() -> pl.DataFrame:
    """The rendered models of the simulated Hub."""
    return rendered(simulated_listing(SIZE, 0, LISTED))


def hub(
    *faults: str,
    quota: Quota | None = None,
    seed: int = 0,
    share: float = 0.06,
    days: Sequence[date] = (),
    spool: Path = Path(),
) -> SimulatedHub:
    """A simulated Hub with pages of 100."""
    return SimulatedHub(
        SimulatedListing(models()),
        SimulatedArchive(days, lambda day: simulated_listing(SIZE, 0, day), spool),
        quota or Quota(calls=100_000),
        Faults(frozenset(faults), seed=seed, share=share, stall=0.6, drip=0.1),
        page_limit=100,
    )


def live(endpoint: str, spool: Path, **options: Any) -> HubSource:
    """The live source on an endpoint."""
    return HubSource(
        spool, **{"full_crawl_days": 7, "endpoint": endpoint, "patience": IN_A_HURRY, "now": now} | options
    )


def crawl(source: Source, folder: Path, crawl_date: date | None = None) -> CrawlTables:
    """The crawl of a date, of the newest if none is given."""
    workspace = folder / "workspace"
    workspace.mkdir(parents=True)
    return take_crawl(source, crawl_date or source.dates()[-1], workspace, previous_crawl_date=None, now=now)


def manifest(tables: CrawlTables) -> dict[str, Any]:
    """The manifest's one row."""
    return tables.manifest.row(0, named=True)


@contextmanager
def stopped_at(page: int) -> Iterator[object]:
    """A watch that ends the process' crawl, as a kill would, after some pages."""

    def watch(progress: CrawlProgress) -> None:
        if progress.n_pages >= page:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        yield watch

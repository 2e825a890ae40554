"""What a step works on: one crawl date of one home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings
from mdi_pipeline.home.sources import open_source
from mdi_pipeline.hub.source import PreviousCrawl, Source, Watch, unwatched
from mdi_pipeline.lake.store import Lake
from mdi_pipeline.tables.catalogue import TABLES


@dataclass(frozen=True)
class Partition:
    """One crawl date of one home, with the settings in force; for what spans all dates, the newest of them."""

    home: Home
    settings: Settings
    crawl_date: date
    watch: Watch = unwatched

    @property
    def lake(self) -> Lake:
        """The tables of the home."""
        return self.home.lake

    def key(self, product: str) -> date | None:
        """What names this partition of a table, or of the report: its crawl date, or None for a table across dates."""
        return None if product in TABLES and TABLES[product].across_dates else self.crawl_date

    def read(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A table of this crawl date, or these columns of it: no other is read."""
        return self.lake.read(table, self.key(table), columns)

    def scan(self, table: str) -> pl.LazyFrame:
        """A table of this crawl date, not yet read."""
        return self.lake.scan(table, self.key(table))

    @cached_property
    def source(self) -> Source:
        """Where the home's crawls come from."""
        return open_source(self.home, self.settings, self.previous_crawl, self.watch)

    def previous_crawl(self, crawl_date: date) -> PreviousCrawl | None:
        """The newest earlier crawl, where it is one of the live Hub and complete: what a new one may build upon."""
        found = self.lake.previous("crawl_manifest", crawl_date)
        if found is None:
            return None
        manifest = self.lake.read("crawl_manifest", found).row(0, named=True)
        if manifest["source"] != "hub" or not manifest["complete"]:
            return None
        return PreviousCrawl(
            crawl_date=found,
            as_of=manifest["as_of"],
            full_crawl_date=manifest["full_crawl_date"],
            n_models=manifest["n_models"],
            records=_at_present(self.lake.scan("model_snapshots", found)),
        )


def _at_present(stored: pl.LazyFrame) -> pl.LazyFrame:
    """Records of a stored crawl with the columns that they have now, null where an earlier version had none."""
    from mdi_pipeline.tables.hub import MODEL_SNAPSHOTS

    return pl.concat([MODEL_SNAPSHOTS.empty().lazy(), stored], how="diagonal")

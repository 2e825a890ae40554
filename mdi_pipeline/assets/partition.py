"""What a step works on: one crawl date of one home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from mdi_pipeline.hub.catalogue import open_source
from mdi_pipeline.hub.source import Source
from mdi_pipeline.lake import Lake
from mdi_pipeline.settings import Home, Settings


@dataclass(frozen=True)
class Partition:
    """One crawl date of one home, with the settings in force."""

    home: Home
    settings: Settings
    crawl_date: date

    @property
    def lake(self) -> Lake:
        """The tables of the home."""
        return self.home.lake

    def read(self, table: str) -> pl.DataFrame:
        """A table of this crawl date."""
        return self.lake.read(table, self.crawl_date)

    def scan(self, table: str) -> pl.LazyFrame:
        """A table of this crawl date, not yet read."""
        return self.lake.scan(table, self.crawl_date)

    @property
    def source(self) -> Source:
        """Where the home's crawls come from."""
        wanted = self.settings
        return open_source(wanted.source, path=wanted.path, size=wanted.size, seed=wanted.seed)

    @property
    def report(self) -> Path:
        """Where the report of this crawl date is."""
        return self.home.report(self.crawl_date)

    @property
    def figures(self) -> Path:
        """Where the figure files of this crawl date are."""
        return self.home.figures(self.crawl_date)

"""What a step writes, wherever it is kept: a table of the lake, or the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl

from mdi_pipeline.lake.reports import Page, Reports
from mdi_pipeline.lake.store import Lake, Stamp
from mdi_pipeline.tables.registry import Table


class Product(Protocol):
    """One thing that a step writes for a crawl date (None: for all of them)."""

    def stamp(self, crawl_date: date | None) -> Stamp | None:
        """What it was made from; None where it is not there, or does not say."""

    def file(self, crawl_date: date | None) -> Path:
        """Where it is."""

    def land(
        self,
        crawl_date: date | None,
        made: pl.DataFrame | Page,
        made_from: Mapping[str, object],
        libraries: Mapping[str, str],
    ) -> Stamp:
        """Put it in place, whole. Raises `TableInvalid` and `LakeError`."""


@dataclass(frozen=True)
class TableProduct:
    """A table of the lake."""

    lake: Lake
    table: Table

    def stamp(self, crawl_date: date | None) -> Stamp | None:
        """What the partition was made from."""
        return self.lake.stamp(self.table.name, crawl_date)

    def file(self, crawl_date: date | None) -> Path:
        """The partition's file."""
        return self.lake.file(self.table.name, crawl_date)

    def land(
        self,
        crawl_date: date | None,
        made: pl.DataFrame | Page,
        made_from: Mapping[str, object],
        libraries: Mapping[str, str],
    ) -> Stamp:
        """Check the frame and replace the partition in one step."""
        assert isinstance(made, pl.DataFrame)
        return self.lake.write(self.table, crawl_date, made, made_from, libraries)


@dataclass(frozen=True)
class ReportProduct:
    """The report of a crawl date."""

    reports: Reports

    def stamp(self, crawl_date: date | None) -> Stamp | None:
        """What the page was made from."""
        assert crawl_date
        return self.reports.stamp(crawl_date)

    def file(self, crawl_date: date | None) -> Path:
        """The page."""
        assert crawl_date
        return self.reports.page(crawl_date)

    def land(
        self,
        crawl_date: date | None,
        made: pl.DataFrame | Page,
        made_from: Mapping[str, object],
        libraries: Mapping[str, str],
    ) -> Stamp:
        """Put figures and page in place."""
        assert crawl_date
        assert isinstance(made, Page)
        return self.reports.write(crawl_date, made, made_from, libraries)

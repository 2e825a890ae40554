"""What a step is given to compute with: the columns, settings and crawls that it declares, and nothing else.

A column or a setting that a step does not declare is not there, so that no result can depend on one of which the
step's fingerprint knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.lake.store import Lake, LakeError

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from mdi_pipeline.home.settings import Settings
    from mdi_pipeline.hub.source import Source

Columns = Mapping[str, Mapping[str, pl.DataType]]
"""Declared columns with their types, by the table that they are of."""


@dataclass(frozen=True)
class Inputs:
    """One crawl date as one step sees it; for what spans all dates, the newest of them.

    `settings` has the settings that the step names, `columns` what it reads of which table, `irreplaceable` which of
    those tables earlier versions may have stored. `earlier` are the crawls that it looks back at, oldest first.
    `source` is where crawls come from, and `previous` the crawl date before, for the step that crawls; None for others.
    """

    lake: Lake
    crawl_date: date
    columns: Columns
    settings: Settings
    irreplaceable: frozenset[str] = frozenset()
    earlier: tuple[Inputs, ...] = ()
    source: Source | None = None
    previous: date | None = None

    def scan(self, table: str) -> pl.LazyFrame:
        """The declared columns of a table of this crawl date, not yet read.

        Raises `LakeError` where it is missing, damaged, or of another version: only what is irreplaceable is read
        as that was stored, with null for a column that it lacks. Raises `KeyError` for a table that is not declared.
        """
        columns = self.columns[table]
        frame = self.lake.scan(table, self.crawl_date)
        held = frame.collect_schema()
        others = sorted(name for name, dtype in columns.items() if held.get(name) != dtype)
        lacking = set(columns) - set(held)
        if set(others) - (lacking if table in self.irreplaceable else set()):
            raise LakeError(
                f"{table} of {self.crawl_date} is of another version (missing, or of another type: "
                f"{', '.join(others)}). Make it again: mdi run --crawl-date {self.crawl_date}"
            )
        return frame.select(
            pl.lit(None, dtype).alias(name) if name in lacking else pl.col(name) for name, dtype in columns.items()
        )

    def read(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The declared columns of a table of this crawl date, or these of them: no other is read."""
        wanted = self.scan(table)
        try:
            return (wanted if columns is None else wanted.select(columns)).collect()
        except (pl.exceptions.PolarsError, OSError):
            self.lake.read(table, self.crawl_date)  # which says what is damaged, where that is why
            raise

    def history(self, table: str) -> pl.LazyFrame:
        """The declared columns of a table of all crawl dates, with their `crawl_date`, not yet read."""
        return self.lake.history(table, self.columns[table])

    def dates(self, table: str) -> list[date]:
        """The crawl dates that a declared table holds, oldest first."""
        if table not in self.columns:
            raise KeyError(table)
        return self.lake.dates(table)

    @property
    def as_of(self) -> datetime:
        """The moment of the crawl, which ends every window that is still open."""
        moment: datetime = self.read("crawl_manifest", ["as_of"]).item()
        return moment

    @property
    def libraries(self) -> dict[str, str]:
        """The libraries that computed the declared tables, each with its version, or all versions where they differ."""
        stamps = [self.lake.stamp(table, self.crawl_date) for table in self.columns]
        used = sorted({item for stamp in stamps if stamp for item in stamp.libraries.items()})
        return {library: " and ".join(version for name, version in used if name == library) for library, _ in used}

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """A folder for what must be spooled, gone afterwards."""
        with self.lake.workspace() as folder:
            yield folder

    def require_whole(self) -> None:
        """Read every input through. Raises `LakeError` where one is damaged: a scan of several cannot say which."""
        for inputs in (*self.earlier, self):
            for table in inputs.columns:
                if inputs.crawl_date in inputs.lake.dates(table):
                    inputs.lake.read(table, inputs.crawl_date)

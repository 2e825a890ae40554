"""What a step is: what it reads, writes and needs, declared once, and the function that computes it.

Belongs here: the declaration, and what follows from it (columns, code, fingerprint). Does not: how a step becomes an
asset (`asset`), and when its work is skipped (`reuse`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import polars as pl

from mdi_pipeline.lake.reports import REPORT, Page
from mdi_pipeline.lake.store import LakeError, Stamp
from mdi_pipeline.orchestration.code_closure import Code, Root, installed
from mdi_pipeline.orchestration.inputs import Columns, Inputs
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.origins import columns_read

if TYPE_CHECKING:
    from mdi_pipeline.home.settings import Settings

ASSET_OF_TABLE = {"network_edges": "lineage_network"}
"""The asset that a table belongs to, where it is not of the same name."""

CLOCK = ("started_at", "finished_at")
"""When a crawl was taken: columns that differ between two crawls of the same, so that no page speaks of them."""

EARLIER_CRAWLS = "earlier crawls"
"""The part of what a result depends on that names the crawls which a step looks back at."""

Made = Mapping[str, pl.DataFrame | Page]
"""What a step made, by the name of the table; the report is a page."""

Frames = Mapping[str, pl.DataFrame]
Number = float | int | str | None

GIVEN = Root("mdi_pipeline.orchestration.inputs")
"""What hands a step its inputs: a change there can change any result."""

TABLES_TAKEN = Root("mdi_pipeline.orchestration.products", "TableProduct")
REPORT_TAKEN = Root("mdi_pipeline.orchestration.products", "ReportProduct")
"""What takes what a step made: a change there can change it too."""


@dataclass(frozen=True)
class LooksBack:
    """Earlier crawls that a step reads too: filling in one of those later makes its result stale.

    `columns` are what it reads of which table there; `choose` picks from the earlier dates that hold all those tables.
    """

    columns: Mapping[str, tuple[str, ...]]
    choose: Callable[[Sequence[date]], Sequence[date]]

    def dates(self, partition: Partition) -> list[date]:
        """The crawl dates that are looked back at, oldest first."""
        held = set.intersection(*(set(partition.lake.dates(table)) for table in self.columns))
        return sorted(self.choose(sorted(day for day in held if day < partition.crawl_date)))


@dataclass(frozen=True)
class Step:
    """One step: the tables it reads and writes, and how the ones come from the others.

    `settings` are those that it may read. `looks_back` says which earlier crawls it reads too. A step that is
    `across_dates` reads its tables of all crawl dates and writes one whole. `numbers` are those of the result that
    Dagster plots over the partitions, by asset.

    `depends_on` says what else its result depends on.

    The others are of the step that crawls. `crawls`: it is given the source. `more_code` are computations that
    it calls by way of an object, so that no import tells of them.
    `is_final` says that what is there cannot be had again, and stays. `landed` is called when the tables are in place.
    """

    name: str
    group: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    compute: Callable[[Inputs], Made]
    settings: tuple[str, ...] = ()
    looks_back: LooksBack | None = None
    across_dates: bool = False
    numbers: Mapping[str, Callable[[Frames], Mapping[str, Number]]] = field(default_factory=dict)
    crawls: bool = False
    more_code: Callable[[Settings], tuple[Root, ...]] = lambda _: ()
    depends_on: Callable[[Partition], Mapping[str, object]] = lambda _: {}
    is_final: Callable[[Partition], bool] = lambda _: False
    landed: Callable[[Partition], None] = lambda _: None

    @property
    def assets(self) -> dict[str, list[str]]:
        """The assets that the step makes, each with what it writes for it."""
        made: dict[str, list[str]] = {}
        for name in self.writes:
            made.setdefault(asset_of(name), []).append(name)
        return made

    @property
    def columns(self) -> Columns:
        """The columns that the step reads, by table: all that any of its own columns is made from."""
        if REPORT in self.writes:
            every = {table: tuple(column.name for column in TABLES[table].columns) for table in self.reads}
            return _typed({table: tuple(name for name in names if name not in CLOCK) for table, names in every.items()})
        read: dict[str, dict[str, None]] = {table: {} for table in self.reads}
        for table in self.writes:
            for source, names in columns_read(table).items():
                read[source] |= dict.fromkeys(names)
        return _typed({table: tuple(names) for table, names in read.items()})

    def roots(self, settings: Settings) -> tuple[Root, ...]:
        """Where the step's computation begins: its function, the schemas of what it writes, what hands both over."""
        schemas = {TABLES[table].schema.__module__ for table in self.writes if table != REPORT}
        return (
            Root(self.compute.__module__, self.compute.__name__),
            *self.more_code(settings),
            *(Root(module) for module in sorted(schemas)),
            GIVEN,
            REPORT_TAKEN if REPORT in self.writes else TABLES_TAKEN,
        )

    def code(self, settings: Settings) -> Code:
        """The code that computes the step, and the libraries that it computes with."""
        return installed().code(self.roots(settings))

    def partition_key(self, partition: Partition) -> str | None:
        """What names the partition in Dagster; None where the step is one whole over all crawl dates."""
        return None if self.across_dates else str(partition.crawl_date)

    def inputs(self, partition: Partition) -> Inputs:
        """What the step computes with."""
        chosen = SimpleNamespace(**{name: getattr(partition.settings, name) for name in self.settings})

        def seen(crawl_date: date, columns: Columns) -> Inputs:
            irreplaceable = frozenset(table for table in columns if TABLES[table].irreplaceable)
            return Inputs(partition.lake, crawl_date, columns, cast("Settings", chosen), irreplaceable)

        back = self.looks_back
        earlier = [seen(day, _typed(back.columns)) for day in back.dates(partition)] if back else []
        return replace(
            seen(partition.crawl_date, self.columns),
            earlier=tuple(earlier),
            source=partition.source if self.crawls else None,
            previous=partition.lake.previous(self.writes[0], partition.crawl_date) if self.crawls else None,
        )

    def made_from(self, partition: Partition) -> dict[str, object]:
        """All that the step's result depends on, by name: equal parts mean equal results.

        Raises `LakeError` where an input is missing.
        """
        parts: dict[str, object] = {
            "step": self.name,
            "code": self.code(partition.settings).version,
            "settings": {name: _plain(getattr(partition.settings, name)) for name in self.settings},
        }
        for table, columns in self.columns.items():
            days = partition.lake.dates(table) if self.across_dates else [partition.crawl_date]
            versions = {str(day): stamp_of(partition, table, day).of(columns) for day in days}
            parts[table] = versions if self.across_dates else versions[str(partition.crawl_date)]
        if self.looks_back:
            parts[EARLIER_CRAWLS] = {
                f"{table} {day}": stamp_of(partition, table, day).of(columns)
                for day in self.looks_back.dates(partition)
                for table, columns in self.looks_back.columns.items()
            }
        return {**parts, **self.depends_on(partition)}


def newest(before: Sequence[date]) -> Sequence[date]:
    """Of earlier crawl dates, the last."""
    return before[-1:]


def asset_of(table: str) -> str:
    """The asset that a table belongs to."""
    return ASSET_OF_TABLE.get(table, table)


def stamp_of(partition: Partition, table: str, crawl_date: date | None) -> Stamp:
    """What a table was made from. Raises `LakeError` where it is missing or does not say."""
    stamp = partition.lake.stamp(table, crawl_date)
    if stamp is None:
        partition.lake.scan(table, crawl_date)
        raise LakeError(f"{table} of {crawl_date} does not say what it was made from. Make it again: --force")
    return stamp


def _typed(columns: Mapping[str, tuple[str, ...]]) -> Columns:
    """Columns with their types; in the order of the table."""
    return {
        table: {column.name: column.dtype for column in TABLES[table].columns if column.name in names}
        for table, names in columns.items()
    }


def _plain(value: object) -> object:
    """A setting as JSON has it, so that what was written can be compared with what is read."""
    return list(value) if isinstance(value, tuple) else value

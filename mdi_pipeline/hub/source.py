"""What a source is: given a crawl date, it yields canonical records and says what the crawl was.

The kinds of source live beside this module, one each. None of them knows of tables on disk, of
Dagster or of what is done with the records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import polars as pl

BAD_RECORD_SCHEMA: dict[str, pl.DataType] = {
    "file": pl.String(),
    "line_number": pl.Int64(),
    "reason": pl.String(),
    "record": pl.String(),
}
"""Columns and types of records that could not be read."""

UNREAD_FIELD_SCHEMA: dict[str, pl.DataType] = {"field": pl.String(), "shape": pl.String(), "n_records": pl.Int64()}
"""Columns and types of the fields that could not be read in records that could."""


class SourceError(Exception):
    """A source cannot give a crawl; the message says why and what to do."""


class DateRefused(SourceError):
    """A source cannot honestly give this date; the message names one that can, where there is one."""


@dataclass(frozen=True)
class CrawlProgress:
    """How far a crawl has come.

    `waiting` is the seconds that are about to be waited for the rate limit (0 where none are),
    `seconds_left` an estimate of what is left, None where nothing is known to go by.
    """

    n_models: int
    n_pages: int
    models_per_second: float
    seconds_waited: float
    waiting: float = 0.0
    seconds_left: float | None = None


Watch = Callable[[CrawlProgress], None]
"""Who is told how far a crawl has come."""


def unwatched(_: CrawlProgress) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class PreviousCrawl:
    """A complete crawl to build upon: its canonical records, when it was, and when the last full one was."""

    crawl_date: date
    as_of: datetime
    full_crawl_date: date
    n_models: int
    records: pl.LazyFrame


PreviousCrawls = Callable[[date], PreviousCrawl | None]
"""Gives the newest complete crawl before a date, where there is one."""


def no_previous(_: date) -> PreviousCrawl | None:
    """There is no earlier crawl."""
    return None


@dataclass(frozen=True)
class CarriedOver:
    """What a crawl took over from an earlier one: all that was last modified before `modified_since`."""

    crawl_date: date
    full_crawl_date: date
    modified_since: datetime
    n_models: int


@dataclass(frozen=True)
class Reading:
    """What was found while a listing was read, beside its models.

    `bad_records` has the columns of `BAD_RECORD_SCHEMA` and holds the first of the `n_bad_records` that could not
    be read. `unread_fields` has those of `UNREAD_FIELD_SCHEMA`: fields that could not be read in records that could,
    by the shape that they had. `had` are those of the required fields that at least one record has, `names` the
    names that fields have in the source.
    """

    n_records: int
    n_bad_records: int
    bad_records: pl.DataFrame
    unread_fields: pl.DataFrame
    had: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True)
class Crawl:
    """One crawl as its source gave it.

    `records` has the columns of `CANONICAL_SCHEMA`; an id may come twice, the first one counts. The other fields
    are those of `crawl_manifest`.
    """

    records: pl.LazyFrame
    reading: Reading
    location: str
    as_of: datetime
    content_hash: str
    complete: bool = True
    revision: str | None = None
    n_requests: int = 0
    n_pages: int = 0
    seconds_waited: float = 0.0
    carried_over: CarriedOver | None = None


class Source(Protocol):
    """Where crawls come from."""

    kind: str
    """demo, files, archive or hub."""

    family: str
    """What a home may not mix: crawls of different families cannot be compared."""

    def dates(self) -> list[date]:
        """The crawl dates that the source can honestly give, oldest first."""

    def left_aside(self) -> list[str]:
        """What looks like a crawl and cannot be one, a line each with the reason."""

    def fingerprint(self, crawl_date: date) -> str:
        """A short text that changes when what `crawl` would give changes. Cheap.

        Raises `DateRefused` for a date that the source cannot give.
        """

    def crawl(self, crawl_date: date, workspace: Path) -> Crawl:
        """The crawl of that date; `workspace` is an empty folder for what must be spooled.

        The folder outlives the use of `Crawl.records`. Raises `DateRefused` for a date that the source
        cannot give and `SourceError` when it cannot be read.
        """

    def landed(self, crawl_date: date) -> None:
        """The crawl of that date is in the lake: what was kept to resume it can go."""

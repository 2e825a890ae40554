"""Times of whatever type as whole ticks."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mdi_pipeline.disruption.errors import GraphError

SECONDS_PER_DAY = 86_400
TICKS_PER_SECOND = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

LIMIT = 2**62 - 1
"""How far from 0 times may be: any two can be subtracted in 64 bits."""

LONGEST = 2**63 - 1
"""A window of so many ticks ends after all times."""


@dataclass(frozen=True)
class Clock:
    """How long a window of length 1 is in ticks, and what its unit is called."""

    ticks_per_window_unit: int
    window_unit: str


def ticks(times: pl.Series) -> tuple[pl.Series, Clock]:
    """The times as 64-bit ticks, null where unknown, and what a window is in them.

    Integers of any size are ticks themselves and a window is in their unit, and so are decimals and floats that are all
    whole: what integers become in tables with missing values. A date ticks by days; a datetime, a duration and a time
    of day by seconds, finer parts cut off; their window is in days. Raises `GraphError` for any other type, and for
    integers too far apart to be subtracted.
    """
    if times.dtype.is_numeric():
        return _whole(times), Clock(1, "units of the times")
    if times.dtype == pl.Date:
        return times.to_physical().cast(pl.Int64), Clock(1, "days")
    if isinstance(times.dtype, pl.Datetime):
        return _seconds(times, times.dtype.time_unit), Clock(SECONDS_PER_DAY, "days")
    if isinstance(times.dtype, pl.Duration):
        return _seconds(times, times.dtype.time_unit), Clock(SECONDS_PER_DAY, "days")
    if times.dtype == pl.Time:
        return _seconds(times, "ns"), Clock(SECONDS_PER_DAY, "days")
    if times.dtype == pl.Null:
        return times.cast(pl.Int64), Clock(1, "units of the times")
    raise GraphError(f"'{times.name}' is {times.dtype}; times must be integers, dates or datetimes, all of one kind")


def _seconds(times: pl.Series, unit: str) -> pl.Series:
    return times.to_physical() // TICKS_PER_SECOND[unit]


def _whole(times: pl.Series) -> pl.Series:
    """Numbers as 64-bit integers. Raises `GraphError` where one is not whole, or not between the bounds."""
    ticks = times.cast(pl.Int64, strict=False)
    if not ticks.is_between(-LIMIT, LIMIT).all() or ticks.null_count() > times.null_count():
        raise GraphError(f"'{times.name}' holds times of 2**62 or beyond, or that are no numbers")
    if not times.dtype.is_integer() and (times.cast(pl.Float64) != ticks.cast(pl.Float64)).any():
        raise GraphError(f"'{times.name}' is {times.dtype} and not all whole; write whole numbers of a smaller unit")
    return ticks

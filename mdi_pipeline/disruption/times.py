"""Times of whatever type as whole ticks."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mdi_pipeline.disruption.errors import GraphError

SECONDS_PER_DAY = 86_400
TICKS_PER_SECOND = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True)
class Clock:
    """How long a window of length 1 is in ticks, and what its unit is called."""

    ticks_per_window_unit: int
    window_unit: str


def ticks(times: pl.Series) -> tuple[pl.Series, Clock]:
    """The times as 64-bit ticks, null where unknown, and what a window is in them.

    Integers are ticks themselves and a window is in their unit; a date ticks by days, a datetime by
    seconds, finer parts cut off, and a window is in days. Raises `GraphError` for any other type, and for
    integers too far apart to be subtracted.
    """
    if times.dtype.is_integer():
        return _bounded(times), Clock(1, "units of the times")
    if times.dtype == pl.Date:
        return times.to_physical().cast(pl.Int64), Clock(1, "days")
    if isinstance(times.dtype, pl.Datetime):
        seconds = times.to_physical() // TICKS_PER_SECOND[times.dtype.time_unit]
        return seconds, Clock(SECONDS_PER_DAY, "days")
    if times.dtype == pl.Null:
        return times.cast(pl.Int64), Clock(1, "units of the times")
    raise GraphError(f"'{times.name}' is {times.dtype}; times must be integers, dates or datetimes, all of one kind")


def _bounded(times: pl.Series) -> pl.Series:
    limit = 2**62
    if not times.is_between(-limit, limit).all():
        raise GraphError(f"'{times.name}' holds times beyond 2**62")
    return times.cast(pl.Int64)

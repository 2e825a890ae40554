"""Ids and times that come as text, as in a CSV file: what type they are."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from mdi_pipeline.disruption.errors import GraphError

WHOLE_NUMBER = r"^(0|-?[1-9][0-9]*)$"

TIME_KINDS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "integers": lambda text: text.cast(pl.Int64, strict=False),
    "dates": lambda text: text.str.to_date("%Y-%m-%d", strict=False),
    "datetimes": lambda text: text.str.replace(" ", "T").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us"
    ),
    "datetimes with a time zone": lambda text: text.str.replace(" ", "T").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="us"
    ),
}
"""The types that a time can be written in; the reading is null where it is not."""


def typed_ids(*columns: pl.Series) -> list[pl.Series]:
    """The columns as 64-bit integers where every id of all of them is a whole number, else as they are.

    A number that would not come back as it was written (007, +7) is text.
    """
    if not all(column.str.contains(WHOLE_NUMBER).all() for column in columns):
        return list(columns)
    try:
        return [column.cast(pl.Int64) for column in columns]
    except pl.exceptions.InvalidOperationError:
        return list(columns)  # beyond 64 bits


def typed_times(text: pl.Series) -> pl.Series:
    """The times as integers, dates or datetimes, whichever all of them are; empty text is a missing time.

    Raises `GraphError` where they are of several types, or of none.
    """
    text = text.replace("", None)
    readings = {kind: read(text) for kind, read in TIME_KINDS.items()}
    for reading in readings.values():
        if reading.null_count() == text.null_count():
            return reading
    examples = [
        f"{kind} ({text.filter(reading.is_not_null())[0]})"
        for kind, reading in readings.items()
        if reading.null_count() < len(text)
    ]
    neither = text.drop_nulls()
    for read in TIME_KINDS.values():
        neither = neither.filter(read(neither).is_null())
    if len(neither):
        examples.append(f"what is no time at all ({neither[0]})")
    raise GraphError(f"'{text.name}' mixes {' and '.join(examples)}; times must be all of one kind")

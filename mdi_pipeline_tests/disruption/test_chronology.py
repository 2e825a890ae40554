"""The order of creation against a stable sort."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.disruption.chronology import chronology

NARROW = st.integers(-5, 5)
SECONDS = st.integers(1_600_000_000, 1_800_000_000)
TOO_WIDE_TO_PACK = st.integers(-(2**62), 2**62)


@given(
    st.one_of(*(st.lists(st.one_of(st.none(), times), max_size=60) for times in (NARROW, SECONDS, TOO_WIDE_TO_PACK)))
)
def test_rows_are_numbered_by_time_ties_as_they_came_and_those_without_last(when: list[int | None]) -> None:
    node, times = chronology(pl.Series(when, dtype=pl.Int64))
    known = [row for row, time in enumerate(when) if time is not None]
    ordered = sorted(known, key=lambda row: when[row] or 0)
    ordered += [row for row, time in enumerate(when) if time is None]
    assert np.argsort(node).tolist() == ordered
    assert times.tolist() == sorted(time for time in when if time is not None)

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from mdi_pipeline.statistics.bootstrap import AuthorDraws
from mdi_pipeline.statistics.quantiles import Ordered

VALUES = st.sampled_from([-1.0, 0.0, 0.5, 1.0, np.nan]) | st.floats(-1, 1)


@given(st.lists(st.tuples(VALUES, st.integers(0, 7), st.integers(0, 4)), max_size=40))
@settings(max_examples=150, deadline=None)
def test_quantiles_are_those_of_the_values_of_each_cell(rows: list[tuple[float, int, int]]) -> None:
    """`cells` are bits: a row may be in several cells, or in none."""
    value, cells, author = (
        np.array(column)
        for column in (zip(*rows, strict=True) if rows else (np.zeros(0), np.zeros(0, int), np.zeros(0, int)))
    )
    is_in = cells[:, np.newaxis] >> np.arange(3) & 1 == 1
    bootstrap = AuthorDraws(pl.Series(author, dtype=pl.Int64), n_draws=2).over(csr_matrix(is_in.astype(float)))
    ordered = Ordered(value, bootstrap)
    median = ordered.median()
    share_below = ordered.share_below(median)
    for cell in range(3):
        held = np.sort(value[is_in[:, cell] & ~np.isnan(value)])
        entries = slice(bootstrap.start[cell], bootstrap.start[cell + 1])
        if not held.size:
            assert np.isnan(median[cell])
            continue
        assert median[cell] == pytest.approx(np.median(held))
        for share in (0.0, 0.3, 1.0):
            rank = max(int(np.ceil(share * held.size)), 1)
            assert ordered.at_share(np.full(3, share))[cell] == held[rank - 1]
        assert share_below[entries].sum() == (held < median[cell]).sum() + (held == median[cell]).sum() / 2

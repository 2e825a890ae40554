"""What a table makes of a frame."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.registry import TableInvalid


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(4, 7)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_rows_come_sorted_and_a_repeat_is_found_wherever_it_stands(pairs: list[tuple[int, int]]) -> None:
    edges = TABLES["network_edges"].empty().select("child", "parent").schema
    frame = pl.DataFrame(pairs, schema=edges, orient="row").with_columns(
        relation=pl.lit("merge"), breaks_cycle=pl.lit(value=False)
    )
    if len(set(pairs)) < len(pairs):
        with pytest.raises(TableInvalid, match="primary_key"):
            TABLES["network_edges"].conform(frame)
    else:
        assert TABLES["network_edges"].conform(frame).select("child", "parent").rows() == sorted(pairs)

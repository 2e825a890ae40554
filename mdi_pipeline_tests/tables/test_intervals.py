"""Columns of estimates: where they stand, and what is true of every interval."""

from __future__ import annotations

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.columns import text
from mdi_pipeline.tables.intervals import WithInterval, interval, sample
from mdi_pipeline.tables.registry import Table, TableInvalid

DRAWS_OF_CHANCE = "null_model"
"""Its `low` and `high` are those of random networks, not of the estimate."""


class Shares(WithInterval):
    """A share of some models."""

    group = text("The group.", key=True, nullable=False)
    estimate, low, high = interval("The share.", ", by hand.", low=0, high=1)
    n, n_authors = sample("Models of the group.")
    note = text("A remark.")


SHARES = Table("shares", Shares)

ends = st.one_of(st.none(), st.floats(0, 1))


def test_columns_stand_where_the_table_has_them() -> None:
    assert [column.name for column in SHARES.columns] == ["group", "estimate", "low", "high", "n", "n_authors", "note"]


@given(low=ends, high=ends)
def test_ends_are_in_order_where_both_are_known(low: float | None, high: float | None) -> None:
    frame = SHARES.empty().vstack(
        pl.DataFrame([("a", 0.5, low, high, 9, 3, None)], schema=SHARES.empty().schema, orient="row")
    )
    if low is not None and high is not None and low > high:
        with pytest.raises(TableInvalid, match="ends_are_in_order"):
            SHARES.conform(frame)
    else:
        assert SHARES.conform(frame).equals(frame)


def test_bounds_hold_for_the_estimate_and_both_ends() -> None:
    columns = Shares.columns()
    assert {(columns[name].min, columns[name].max) for name in ("estimate", "low", "high")} == {(0, 1)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_with_an_interval_is_one_of_these(table: Table) -> None:
    has_ends = {"low", "high"} <= set(table.schema.columns()) and table.name != DRAWS_OF_CHANCE
    assert has_ends == issubclass(table.schema, WithInterval)
    assert issubclass(table.schema, dy.Schema)

"""Every table: its columns described, an empty frame of it valid."""

import polars as pl
import pytest

from mdi_pipeline.tables.catalogue import TABLES


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_is_described(table) -> None:
    assert table.row
    assert table.key
    for column in table.columns:
        assert column.meaning.endswith((".", ":")), column.name


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_an_empty_frame_fits(table) -> None:
    assert table.conform(table.empty()).schema == pl.Schema({column.name: column.dtype for column in table.columns})

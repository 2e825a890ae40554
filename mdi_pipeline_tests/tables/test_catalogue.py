"""The registry: every column described, every table's words where readers find them."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.markdown import tables_markdown
from mdi_pipeline.tables.registry import TableInvalid

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_is_described(table) -> None:
    assert table.row
    assert table.key
    for column in table.columns:
        assert column.meaning.endswith((".", ":")), column.name


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_an_empty_frame_fits(table) -> None:
    assert table.conform(table.empty()).schema == pl.Schema({column.name: column.dtype for column in table.columns})


def test_the_page_of_tables_is_what_the_registry_says() -> None:
    assert (DOCS / "tables.md").read_text() == tables_markdown(), "make docs"


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

"""The registry: every column described, every table's words where readers find them."""

from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.tables import TABLES
from mdi_pipeline.tables.markdown import tables_markdown

DOCS = Path(__file__).resolve().parents[1] / "docs"


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

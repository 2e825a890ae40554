"""The page of tables."""

from pathlib import Path

from mdi_pipeline.tables.markdown import tables_markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_tables_is_what_the_registry_says() -> None:
    assert (DOCS / "tables.md").read_text() == tables_markdown(), "make docs"

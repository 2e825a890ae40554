"""The page of settings."""

from pathlib import Path

from mdi_pipeline.home.markdown import settings_markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_settings_is_what_the_declaration_says() -> None:
    assert (DOCS / "settings.md").read_text() == settings_markdown(), "make docs"

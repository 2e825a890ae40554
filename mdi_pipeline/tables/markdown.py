"""The registry as a page to read: `python -m mdi_pipeline.tables.markdown > docs/tables.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.registry import Table

HEADING = """\
# Tables

Every table of the lake, made from the registry in `mdi_pipeline/tables/`. In DuckDB each is a view with these
comments, and those with a partition for each crawl have the column `crawl_date` in front. Key columns are bold.
"""


def tables_markdown() -> str:
    """Every table with its columns, types, units and meanings, as Markdown."""
    return "\n".join([HEADING, *("\n".join(_section(table)) for table in TABLES.values())])


def _section(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    yield f"{' '.join(table.row.split())}\n"
    yield "| column | type | unit | meaning |"
    yield "| --- | --- | --- | --- |"
    for column in table.columns:
        name = f"**{column.name}**" if column.name in table.key else column.name
        null = "" if not column.nullable or "null" in column.meaning.lower() else " Null where unknown."
        yield f"| {name} | {_words(str(column.dtype))} | {column.unit} | {_words(column.meaning)}{null} |"
    yield ""


def _words(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(tables_markdown())

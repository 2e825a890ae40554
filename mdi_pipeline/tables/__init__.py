"""The one registry of tables: their columns, types, units, meaning, keys and invariants.

Everything that must agree on a column reads it here: the checks before a table lands, Dagster's
column schemas, the comments in DuckDB and docs/tables.md. Imports nothing else of this project.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.tables.catalogue import TABLES

__all__ = ["TABLES"]


def __getattr__(name: str) -> Any:
    """`TABLES`, when it is first asked for: its schemas take half a second to import, and who only reads needs none."""
    if name != "TABLES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mdi_pipeline.tables.catalogue import TABLES

    return TABLES

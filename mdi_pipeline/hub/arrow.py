"""Rows on their way between Polars and DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import polars as pl

# Polars remembers the class of whatever it is given until Python ends, and with the class all that its module holds.
# DuckDB, imported here, would be kept past its own end by that, and complain of leaks.


class ArrowTable:
    """Rows as an Arrow C stream and as nothing else: how either reads the other's without pyarrow."""

    def __init__(self, rows: pl.DataFrame | duckdb.DuckDBPyRelation) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rows as an Arrow C stream."""
        return self._rows.__arrow_c_stream__(requested_schema)

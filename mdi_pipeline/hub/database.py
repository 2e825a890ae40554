"""DuckDB in memory: what parses records, and frames into it and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import polars as pl

if TYPE_CHECKING:
    from pathlib import Path


class ArrowTable:
    """Rows as an Arrow C stream and as nothing else: how Polars and DuckDB read each other's without pyarrow.

    Given DuckDB's own object, Polars asks it for more than its rows, and DuckDB complains of leaks when Python ends.
    """

    def __init__(self, rows: pl.DataFrame | duckdb.DuckDBPyRelation) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rows as an Arrow C stream."""
        return self._rows.__arrow_c_stream__(requested_schema)


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory.

    No extension is loaded by itself: none is needed, and one of them (`icu`) would make times those of the
    machine's zone.
    """
    return duckdb.connect(config={"autoload_known_extensions": "false", "autoinstall_known_extensions": "false"})


def column_types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """The columns of a relation (SQL text) and their DuckDB types."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return {str(row[0]): str(row[1]) for row in described}


def quoted(path: Path) -> str:
    """A path as it stands inside an SQL text."""
    return str(path).replace("'", "''")


def fetched(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """The rows of a query, in its order: a quarter of a gigabyte for a million canonical records.

    Raises `duckdb.Error`.
    """
    # As Polars keeps them: it takes texts and lists over as they are then.
    connection.execute("SET produce_arrow_string_view = true")
    connection.execute("SET arrow_large_buffer_size = true")
    try:
        return pl.DataFrame(ArrowTable(connection.sql(query)))
    except pl.exceptions.ComputeError as error:
        # What DuckDB meets on the way comes through Polars.
        raise duckdb.Error(str(error).removeprefix("got external error: ")) from error

"""The Hub's listing as a Parquet file, in whatever shape its columns had at the time."""

from __future__ import annotations

from pathlib import Path

import duckdb

from mdi_pipeline.hub.columns import cells_of_columns
from mdi_pipeline.hub.database import column_types, connect, fetched, quoted
from mdi_pipeline.hub.records import ParsedListing, canonical_query, parsed_listing
from mdi_pipeline.hub.source import SourceError

MEMORY = "2GB"
"""What DuckDB may hold of a file at once. With less than 1.5 GB it keeps rows in order by one thread at a time."""

FREE_ROWS = 1_000_000
"""Any file may have so many rows; one of more must have a byte for each, or most of its ids are the same."""

ROW_NUMBER = "file_row_number"
"""The column that DuckDB adds to those of a file, unless it has one of that name."""


def parse_parquet(file: Path, workspace: Path) -> ParsedListing:
    """A Parquet file of the listing as canonical records.

    Only the columns that are needed are read, a part of the file at a time. Raises `SourceError` where the
    file cannot be read, or claims more rows than it can hold.
    """
    relation = f"read_parquet('{quoted(file)}')"
    try:
        with connect() as connection:
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            connection.execute(f"SET temp_directory = '{quoted(workspace / 'duckdb')}'")
            columns = column_types(connection, relation)
            _refuse_bomb(connection, file, relation)
            taken = any(name.lower() == ROW_NUMBER for name in columns)
            line_number = "row_number() OVER ()" if taken else f"{ROW_NUMBER} + 1"
            query = canonical_query(cells_of_columns(relation, columns, line_number))
            return parsed_listing(fetched(connection, query), file.name, names=columns)
    except (duckdb.Error, OSError) as error:
        raise SourceError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error


def _refuse_bomb(connection: duckdb.DuckDBPyConnection, file: Path, relation: str) -> None:
    n_rows = int(connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
    if n_rows > max(FREE_ROWS, file.stat().st_size):
        raise SourceError(f"{file}: {n_rows:,} rows in {file.stat().st_size:,} bytes, which no listing has.")

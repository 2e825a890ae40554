"""The Hub's listing as a Parquet file, in whatever shape its columns had at the time."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from mdi_pipeline.hub.database import column_types, connect, fetched, quoted
from mdi_pipeline.hub.records import canonical_query, if_unreadable
from mdi_pipeline.hub.source import SourceError

MEMORY = "2GB"
"""What DuckDB may hold of a file at once. With less than 1.5 GB it keeps rows in order by one thread at a time."""


def parse_parquet(file: Path, workspace: Path) -> pl.DataFrame:
    """A Parquet file of the listing as canonical records, with the same further columns as JSON lines have.

    Only the columns that are needed are read, a part of the file at a time. Raises `SourceError` where the
    file cannot be read or a column has a type that the listing never has.
    """
    rows = f"(SELECT * FROM read_parquet('{quoted(file)}', file_row_number = true))"
    try:
        with connect() as connection:
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            connection.execute(f"SET temp_directory = '{quoted(workspace / 'duckdb')}'")
            columns = column_types(connection, rows)
            excerpt = 'to_json({"id": model_id})' if "id" in columns else "NULL"
            query = canonical_query(rows, columns, extra=("file_row_number + 1 AS line_number",))
            record = if_unreadable(f"{excerpt}::VARCHAR")
            return fetched(connection, f"SELECT *, {record} FROM ({query})")
    except duckdb.Error as error:
        raise SourceError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error
    except SourceError as error:
        raise SourceError(f"{file}: {error}") from error

"""From a listing as a frame to the JSON text that the Hub would send."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from mdi_pipeline.hub.database import ArrowTable, column_types, connect, quoted
from mdi_pipeline.hub.json_lines import FIELDS

_ISO = "%Y-%m-%dT%H:%M:%S.%gZ"

JSON_FIELDS = {name for name, (kind, _) in FIELDS.items() if kind == "JSON"}
"""Fields that a frame may hold as JSON text."""


def rendered(listing: pl.DataFrame) -> pl.DataFrame:
    """The records of a listing as JSON text, newest first.

    `listing` has the columns of the Hub's listing, `id` and `createdAt` at least; fields of several shapes may
    be JSON text. Columns of the result: `_id` (made from the time of creation where there is none),
    `lastModified` (text as in the record, that of `createdAt` where there is none) and `line`.
    """
    with tempfile.TemporaryDirectory() as folder, connect() as connection:
        file = Path(folder) / "rendered.parquet"
        connection.register("listing", ArrowTable(listing))
        columns = column_types(connection, "listing")
        values = {name: _value(name, kind) for name, kind in columns.items()}
        made = "printf('%08x%016x', epoch(\"createdAt\"::TIMESTAMPTZ)::BIGINT, row_number() OVER (ORDER BY id))"
        values["_id"] = f'coalesce("_id", {made})' if "_id" in columns else made
        modified = f"coalesce({values['lastModified']}, {values['createdAt']})" if "lastModified" in values else None
        values["lastModified"] = modified or values["createdAt"]
        packed = ", ".join(f'"{name}" := {value}' for name, value in values.items())
        connection.execute(
            f"""COPY (
                SELECT record._id AS "_id", record."lastModified" AS "lastModified", to_json(record)::VARCHAR AS line
                FROM (SELECT struct_pack({packed}) AS record FROM listing WHERE "createdAt" IS NOT NULL)
                ORDER BY 1 DESC
            ) TO '{quoted(file)}' (FORMAT parquet)"""
        )
        return pl.read_parquet(file)


def _value(name: str, kind: str) -> str:
    if kind.startswith("TIMESTAMP"):
        return f"""strftime("{name}", '{_ISO}')"""
    if name in JSON_FIELDS and kind == "VARCHAR":
        return f'CASE WHEN json_valid("{name}") THEN "{name}"::JSON ELSE to_json("{name}") END'
    return f'"{name}"'

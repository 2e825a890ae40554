"""The Hub's listing as JSON lines: one model a line, any field of any shape, some lines broken."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from mdi_pipeline.compute.parallel import n_workers
from mdi_pipeline.hub.bounded_lines import MAX_LINE_BYTES, bounded_lines
from mdi_pipeline.hub.columns import first_of
from mdi_pipeline.hub.database import ArrowTable, connect, fetched
from mdi_pipeline.hub.fields import FIELDS, Cell, json_path, valid_json
from mdi_pipeline.hub.records import RECORD_EXCERPT, ParsedListing, canonical_query, joined, parsed_listing
from mdi_pipeline.hub.source import SourceError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

BYTE_ORDER_MARK = 0xFEFF
"""What some programs put at the start of a file."""

MAX_THREADS = 4
"""Pieces are parsed by at most so many threads at once, which bounds the memory that they take."""

RECORDS_NAMED = 100
"""Records of a piece whose fields are looked at to say which there are."""


def parse_json_lines(file: Path) -> ParsedListing:
    """A file of JSON lines (plain, .gz or .zst) as canonical records.

    Lines are numbered from 1; blank ones count but make no record. Parsed in pieces: of the text no more than a few
    are held. Raises `SourceError` where the file itself cannot be read.
    """
    n_threads = min(n_workers(), MAX_THREADS)
    done: list[ParsedListing] = []
    with ThreadPoolExecutor(n_threads) as pool:
        under_way: deque[Future[ParsedListing]] = deque()
        # DuckDB parses a piece in one thread.
        for piece in bounded_lines(file):
            if len(under_way) == n_threads:
                done.append(under_way.popleft().result())
            under_way.append(pool.submit(_parsed_piece, piece, file.name))
        done += [piece.result() for piece in under_way]
    if not done:
        raise SourceError(f"{file}: empty. Fetch the file again, or take it out of the folder.")
    return joined(done)


def _parsed_piece(lines: pl.DataFrame, file: str) -> ParsedListing:
    with connect() as connection:
        connection.register("lines", ArrowTable(lines))
        return parsed_lines(connection, file)


def parsed_lines(connection: duckdb.DuckDBPyConnection, file: str) -> ParsedListing:
    """The relation `lines` (`line_number`, `line`) as canonical records; `file` is where they are from.

    Raises `duckdb.Error`.
    """
    named = connection.execute(
        f"SELECT DISTINCT unnest(json_keys(text)) FROM (SELECT text FROM {_RECORDS} LIMIT {RECORDS_NAMED})"
    ).fetchall()
    return parsed_listing(fetched(connection, canonical_query(_CELLS)), file, names=[name for (name,) in named])


def _cells_query() -> str:
    """SQL that makes cells of the fields of each line, as `canonical_query` wants them."""
    names = [name for field, aliases in FIELDS.items() for name in (field, *aliases)]
    place = {name: number for number, name in enumerate(names, start=1)}
    paths = ", ".join(f"'{json_path(name)}'" for name in names)

    def cell(field: str) -> Cell:
        own, *others = (Cell(f"texts[{place[name]}]", f"kinds[{place[name]}]") for name in (field, *FIELDS[field]))
        return first_of(own, others[0]) if others else own

    cells = {field: cell(field) for field in FIELDS}
    named = ", ".join(f'{cell.text} AS "{field} text", {cell.kind} AS "{field} kind"' for field, cell in cells.items())
    return f"""(
        SELECT line_number, problem, line[:{RECORD_EXCERPT}] AS excerpt, {named}
        FROM (
            SELECT *, json_extract_string(text, [{paths}]) AS texts, json_type(text, [{paths}]) AS kinds
            FROM {_RECORDS}
        )
    )"""


_RECORDS = f"""(
    SELECT
        line_number,
        line,
        CASE WHEN json_type(json) = 'OBJECT' THEN json END AS text,
        CASE
            WHEN line IS NULL THEN 'longer than {MAX_LINE_BYTES // 2**20} MiB'
            WHEN json IS NULL THEN 'broken JSON'
            WHEN json_type(json) != 'OBJECT' THEN 'not a JSON object'
        END AS problem
    FROM (
        SELECT *, {valid_json("line")} AS json
        FROM (SELECT line_number, ltrim(line, chr({BYTE_ORDER_MARK})) AS line FROM lines)
        WHERE line IS NULL OR trim(line) != ''
    )
)"""

_CELLS = _cells_query()

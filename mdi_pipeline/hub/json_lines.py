"""The Hub's listing as JSON lines: one model a line, any field of any shape, some lines broken."""

from __future__ import annotations

import gzip
import json
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import polars as pl

from mdi_pipeline.compute.parallel import n_workers
from mdi_pipeline.hub.database import ArrowTable, column_types, connect, fetched
from mdi_pipeline.hub.records import RECORD_EXCERPT, canonical_query, if_unreadable
from mdi_pipeline.hub.source import SourceError

BYTE_ORDER_MARK = 0xFEFF
"""What some programs put at the start of a file."""

NOT_JSON = "\x1a"
"""A character that JSON does not admit inside a text."""

PIECE_ROWS = 200_000
"""Lines parsed at once by a thread: about 200 MB."""

MAX_THREADS = 4
"""Pieces are parsed by at most so many threads at once, which bounds the memory that they take."""

FIELDS: dict[str, tuple[str, str]] = {
    # field: (type in the parsed listing, JSON type it must have)
    "id": ("VARCHAR", "text"),
    "_id": ("JSON", "any"),
    "author": ("VARCHAR", "text"),
    "createdAt": ("VARCHAR", "text"),
    "lastModified": ("VARCHAR", "text"),
    "gated": ("JSON", "any"),
    "downloads": ("BIGINT", "whole number"),
    "downloadsAllTime": ("BIGINT", "whole number"),
    "likes": ("BIGINT", "whole number"),
    "pipeline_tag": ("VARCHAR", "text"),
    "library_name": ("VARCHAR", "text"),
    "tags": ("VARCHAR[]", "list"),
    "baseModels": ("JSON", "object"),
    "cardData": ("JSON", "object"),
    "safetensors": ("JSON", "any"),
    "gguf": ("JSON", "any"),
    "config": ("JSON", "any"),
    "model-index": ("JSON", "any"),
}
"""What is read of a record. Fields of which a part is enough may have any shape."""

_JSON_TYPES = {
    "text": ("VARCHAR",),
    "whole number": ("UBIGINT", "BIGINT"),
    "list": ("ARRAY",),
    "object": ("OBJECT",),
}


def parse_json_lines(file: Path, workspace: Path) -> pl.DataFrame:
    """A file of JSON lines (plain, .gz or .zst) as canonical records.

    Besides the canonical columns the result has `card_parents_skipped`, `reason` (null where the record
    could be read), `line_number` (from 1; blank lines count but make no record) and `record` (its text,
    where it could not be read). Parsed in pieces: of the text no more than a few are held. `workspace` is for a copy
    of a file that is not UTF-8. Raises `SourceError` where the file itself cannot be read.
    """
    try:
        return _parsed(file)
    except pl.exceptions.ComputeError as error:
        if "utf8" not in str(error):
            raise SourceError(f"{file}: cannot be read: {error}") from error
        return _parsed(_with_marked_bytes(file, workspace))
    except OSError as error:
        raise SourceError(f"{file}: cannot be read: {error}. Fetch the file again.") from error


def _parsed(file: Path) -> pl.DataFrame:
    """The file in pieces, several at a time, since DuckDB parses one in one thread; a piece more is held."""
    lines = pl.scan_lines(file, name="line", row_index_name="line_number", row_index_offset=1)
    n_threads = min(n_workers(), MAX_THREADS)
    done: list[pl.DataFrame] = []
    with ThreadPoolExecutor(n_threads) as pool:
        under_way: deque[Future[pl.DataFrame]] = deque()
        for piece in lines.collect_batches(chunk_size=PIECE_ROWS):
            if len(under_way) == n_threads:
                done.append(under_way.popleft().result())
            under_way.append(pool.submit(_parsed_piece, piece))
        done += [piece.result() for piece in under_way]
    if not done:
        raise SourceError(f"{file}: empty. Fetch the file again, or take it out of the folder.")
    return pl.concat(done)


def _parsed_piece(lines: pl.DataFrame) -> pl.DataFrame:
    with connect() as connection:
        connection.register("lines", ArrowTable(lines))
        return fetched(connection, query_of_lines(connection))


def query_of_lines(connection: duckdb.DuckDBPyConnection) -> str:
    """SQL that makes what `parse_json_lines` gives of the relation `lines` (`line_number`, `line`)."""
    query = canonical_query(LISTING, column_types(connection, LISTING), extra=("line_number", "line"))
    return f"SELECT * EXCLUDE (line), {if_unreadable(f'line[:{RECORD_EXCERPT}]')} FROM ({query})"


def _listing_query() -> str:
    """SQL that reads the fields of each line, and says why where a line cannot be read."""
    structure = json.dumps({name: [kind[:-2]] if kind.endswith("[]") else kind for name, (kind, _) in FIELDS.items()})
    checked = {name: shape for name, (_, shape) in FIELDS.items() if shape != "any"}
    paths = ", ".join(f"'$.{name}'" for name in checked)
    wrong_types = " ".join(
        f"WHEN types[{position}] NOT IN {(*_JSON_TYPES[shape], 'NULL')} "
        f"THEN '{name} is ' || types[{position}] || ', not a {shape}'"
        for position, (name, shape) in enumerate(checked.items(), start=1)
    )
    return f"""(
        SELECT
            unnest(json_transform(text, '{structure}')),
            line_number,
            line,
            CASE
                WHEN text IS NULL AND json_valid(line) THEN 'not a JSON object'
                WHEN text IS NULL THEN 'broken JSON'
                {wrong_types}
            END AS reason
        FROM (
            SELECT *, json_type(text, [{paths}]) AS types
            FROM (
                SELECT *, CASE WHEN json_valid(line) AND json_type(line) = 'OBJECT' THEN line END AS text
                FROM (SELECT line_number, ltrim(line, chr({BYTE_ORDER_MARK})) AS line FROM lines)
                WHERE trim(line) != ''
            )
        )
    )"""


LISTING = _listing_query()


def _with_marked_bytes(file: Path, workspace: Path) -> Path:
    """A copy in which bytes that are not UTF-8 are marked so that just their lines are broken JSON."""
    if file.suffix == ".zst":
        raise SourceError(f"{file}: not UTF-8. Unpack it, so that the broken lines can be told from the others.")
    copy = workspace / "marked.jsonl"
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as source, copy.open("wb") as target:
        for line in source:
            target.write(line.decode(errors="replace").replace("\ufffd", NOT_JSON).encode())
    return copy

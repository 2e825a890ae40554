"""Columns of a table of the listing as cells, whatever type a writer gave them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mdi_pipeline.hub.fields import ABSENT, FIELDS, MOMENT, Cell

_LIST = re.compile(r"\[\d*\]$")
_WHOLE_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_REAL_NUMBER = re.compile(r"DOUBLE|FLOAT|DECIMAL\(.*\)")
_MOMENT = re.compile(r"DATE|TIMESTAMP.*")
_TEXT = re.compile(r"VARCHAR|UUID|ENUM\(.*\)")


def cells_of_columns(relation: str, columns: Mapping[str, str], line_number: str) -> str:
    """SQL that makes cells of a relation with these columns (names and DuckDB types), as `canonical_query` wants them.

    Nothing but the columns that are read is taken over, and each gets a name of our own: a column of the source may
    have any name. `line_number` is SQL of the row's number, from 1.
    """
    cells = {field: _cell_of_field(field, columns) for field in FIELDS}
    named = [f'{cell.text} AS "{field} text", {cell.kind} AS "{field} kind"' for field, cell in cells.items()]
    return (
        f"(SELECT *, to_json({{'id': \"id text\"}})::VARCHAR AS excerpt "
        f"FROM (SELECT {line_number} AS line_number, NULL::VARCHAR AS problem, {', '.join(named)} FROM {relation}))"
    )


def _cell_of_field(field: str, columns: Mapping[str, str]) -> Cell:
    """The field, under the Hub's name or else huggingface_hub's: of both, the first that a record has."""
    cell = ABSENT
    for name in reversed((field, *FIELDS[field])):
        if name in columns:
            own = _cell_of(f'"{name}"', columns[name])
            cell = own if cell is ABSENT else first_of(own, cell)
    return cell


def first_of(cell: Cell, other: Cell) -> Cell:
    """A cell, or another one where it is absent."""
    return Cell(
        f"coalesce({cell.text}, {other.text})", f"CASE WHEN {cell.text} IS NULL THEN {other.kind} ELSE {cell.kind} END"
    )


def _cell_of(column: str, kind: str) -> Cell:  # noqa: C901, PLR0911 - one line for each kind of type
    if kind == '"NULL"':
        return ABSENT
    if _LIST.search(kind):
        items = f"list_transform({column}, lambda item: {_decoded('item')})" if kind == "BLOB[]" else column
        return Cell(_as_json(column, items), "'ARRAY'")
    if kind.startswith(("STRUCT", "MAP")):
        return Cell(_as_json(column, column), "'OBJECT'")
    if _TEXT.fullmatch(kind):
        return Cell(f"{column}::VARCHAR", "'VARCHAR'")
    if kind == "JSON":
        # Parquet does not check what a column of JSON holds.
        json = f"CASE WHEN json_valid({column}::VARCHAR) THEN {column}::VARCHAR ELSE to_json({column}::VARCHAR) END"
        return Cell(f"json_extract_string({json}, '$')", f"json_type({json})")
    if kind == "BLOB":
        return Cell(_decoded(column), "'VARCHAR'")
    if kind == "BOOLEAN":
        return Cell(f"{column}::VARCHAR", "'BOOLEAN'")
    if _WHOLE_NUMBER.fullmatch(kind):
        return Cell(f"{column}::VARCHAR", "'BIGINT'")
    if _REAL_NUMBER.fullmatch(kind):
        return Cell(f"{column}::VARCHAR", "'DOUBLE'")
    if _MOMENT.fullmatch(kind):
        return Cell(f"epoch_us({column})::VARCHAR", f"'{MOMENT}'")
    return Cell(f"json_extract_string({_as_json(column, column)}, '$')", f"json_type({_as_json(column, column)})")


def _as_json(column: str, value: str) -> str:
    return f"CASE WHEN {column} IS NOT NULL THEN to_json({value})::VARCHAR END"


def _decoded(blob: str) -> str:
    """Bytes as text; U+001A where they are not UTF-8."""
    return f"CASE WHEN {blob} IS NOT NULL THEN coalesce(TRY(decode({blob})), chr(26)) END"

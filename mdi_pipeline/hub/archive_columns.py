"""What is needed of the archive's columns: of some that hold much, a few fields."""

from __future__ import annotations

from pathlib import Path

import duckdb

from mdi_pipeline.hub.database import connect, quoted
from mdi_pipeline.hub.fields import FIELDS
from mdi_pipeline.hub.parquet import MEMORY
from mdi_pipeline.hub.partial_parquet import Leaf
from mdi_pipeline.hub.source import SourceError

PARTS: dict[str, tuple[Leaf, ...]] = {
    "cardData": (("base_model",), ("base_model_relation",), ("model-index",)),
    "config": (("model_type",), ("peft", "base_model_name_or_path")),
    "gguf": (("total",), ("architecture",)),
}
"""The fields that are needed of a column, where the file keeps its fields apart (as a struct, not as JSON text)."""

COLUMNS = frozenset(FIELDS)


def needed(leaves: set[Leaf]) -> set[Leaf]:
    """The stored columns that are needed, of those of a file."""
    return {leaf for leaf in leaves if leaf[0] in COLUMNS and (_parts(leaf[0], leaves) is None or _part_of(leaf))}


def write_needed(file: Path, leaves: set[Leaf], target: Path, workspace: Path) -> None:
    """Write what is needed of a file, of which only the needed columns are there, as a file of its own.

    `leaves` are the stored columns that are there. Raises `SourceError` where they cannot be read.
    """
    selected = ", ".join(
        f"{_expression(name, leaves)} AS {_quoted(name)}" for name in sorted({leaf[0] for leaf in leaves})
    )
    if not selected:
        raise SourceError("the archive's file has none of the columns of a listing")
    try:
        with connect() as connection:
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            connection.execute(f"SET temp_directory = '{quoted(workspace / 'duckdb')}'")
            connection.execute(
                f"COPY (SELECT {selected} FROM read_parquet('{quoted(file)}')) TO '{quoted(target)}' (FORMAT parquet)"
            )
    except duckdb.Error as error:
        raise SourceError(f"the archive's file cannot be read: {str(error).splitlines()[0]}") from None


def _expression(name: str, leaves: set[Leaf]) -> str:
    parts = _parts(name, leaves)
    return _quoted(name) if parts is None else _struct((name,), parts)


def _struct(at: Leaf, parts: list[Leaf]) -> str:
    """SQL that takes fields of a struct one by one: then DuckDB reads no others."""
    fields = []
    for field in sorted({part[0] for part in parts}):
        deeper = [part[1:] for part in parts if part[0] == field and len(part) > 1]
        value = _struct((*at, field), deeper) if deeper else ".".join(_quoted(step) for step in (*at, field))
        fields.append(f"{_quoted(field)} := {value}")
    return f"struct_pack({', '.join(fields)})"


def _parts(name: str, leaves: set[Leaf]) -> list[Leaf] | None:
    """The needed fields that a column has; None where it is needed as a whole, since it does not keep them apart."""
    fields = [leaf[1:] for leaf in leaves if leaf[0] == name]
    found = [part for part in PARTS.get(name, ()) if any(field[: len(part)] == part for field in fields)]
    return found or None


def _part_of(leaf: Leaf) -> bool:
    return any(leaf[1 : 1 + len(part)] == part for part in PARTS[leaf[0]])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

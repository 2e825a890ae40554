"""What a table is: a name, a schema that can check a frame, and words for each column."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cached_property

import dataframely as dy
import polars as pl


@dataclass(frozen=True)
class ColumnDescription:
    """A column as people read it: name, Polars type, unit (empty where there is none), meaning."""

    name: str
    dtype: pl.DataType
    unit: str
    meaning: str
    nullable: bool


class TableInvalid(ValueError):
    """A frame breaks the schema or an invariant of its table; the message lists how, with counts."""


@dataclass(frozen=True)
class Table:
    """A table of the lake.

    `schema` holds columns, keys and invariants; its docstring says what one row is. `nullable_key`
    names the key where a part of it may be null, which a schema's own key cannot say. A table `across_dates`
    is one whole over all crawls; every other has a partition for each crawl date. The rows of one that is
    `irreplaceable` cannot be made again from other tables: where its columns change, its `schema_version` is raised,
    and what is stored gains the new ones as null.
    """

    name: str
    schema: type[dy.Schema]
    nullable_key: tuple[str, ...] = ()
    across_dates: bool = False
    irreplaceable: bool = False
    schema_version: int = 1

    @property
    def row(self) -> str:
        """What one row of the table is."""
        return inspect.getdoc(self.schema) or ""

    @property
    def key(self) -> list[str]:
        """The columns that name a row; the lake sorts by them."""
        return list(self.nullable_key or self.schema.primary_key())

    @property
    def columns(self) -> list[ColumnDescription]:
        """Every column in the order of the schema."""
        return [
            ColumnDescription(
                name=name,
                dtype=column.dtype,
                unit=(column.metadata or {}).get("unit", ""),
                meaning=column.description or "",
                nullable=column.nullable,
            )
            for name, column in self.schema.columns().items()
        ]

    @cached_property
    def _without_key(self) -> type[dy.Schema]:
        """The schema for frames whose key is known to be unique."""
        columns = {name: self.schema.columns()[name].with_primary_key(False) for name in self.schema.primary_key()}
        return type(self.schema.__name__, (self.schema,), columns)

    def empty(self) -> pl.DataFrame:
        """A frame of this table without rows."""
        return pl.DataFrame(schema={column.name: column.dtype for column in self.columns})

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with this table's columns in order and type, sorted by key, and checked.

        Columns beyond the schema are dropped. Raises `TableInvalid` when a column is missing, a value
        does not fit its type, a key repeats or an invariant fails.
        """
        try:
            cast = self.schema.cast(frame)
        except (pl.exceptions.PolarsError, dy.exc.SchemaError) as error:
            raise TableInvalid(f"{self.name}: {_first_line(error)}") from error
        # A key that ascends from row to row is sorted and unique; to sort again or to look for repeats costs far more.
        ascends = _ascends(cast, self.key)
        ordered = cast if ascends else cast.sort(self.key)
        schema = self._without_key if ascends or _ascends(ordered, self.key) else self.schema
        _, failures = schema.filter(ordered)
        broken = failures.counts()
        if broken:
            listed = ", ".join(f"{rule} in {count:,} rows" for rule, count in sorted(broken.items()))
            raise TableInvalid(f"{self.name}: {listed}")
        return ordered


def _ascends(frame: pl.DataFrame, key: list[str]) -> bool:
    """Whether every row's key is greater than that of the row before; not known where a part of one is null."""
    greater: pl.Expr = pl.lit(value=False)
    for name in reversed(key):
        column, before = pl.col(name), pl.col(name).shift(1)
        greater = (column > before) | ((column == before) & greater)
    # In as many pieces as there are threads, since one would compare them all; each ends in the next one's first row.
    n_rows = frame.height // pl.thread_pool_size() + 1
    pieces = (frame.lazy().slice(start, n_rows + 1) for start in range(0, max(frame.height, 1), n_rows))
    ascend = [piece.select(greater.slice(1).all(ignore_nulls=False)) for piece in pieces]
    return all(found.item() for found in pl.collect_all(ascend, engine="in-memory"))


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]

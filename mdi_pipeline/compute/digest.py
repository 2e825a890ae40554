"""Digests of content: of a file by its bytes, of a table by its values, column by column.

A table is hashed as canonical bytes that are defined here. Parquet files and `hash_rows` would not do: for equal values
they differ between versions of Polars. A column is cut into slices of `SLICE_ROWS` rows, whatever its chunks are. Each
slice is hashed by itself, so that slices can be hashed in parallel and in little memory. A column's digest is the
SHA-256 of its name, type and number of rows as JSON, followed by the SHA-256 of each slice. SHA-256 is the fastest of
the standard library's secure hashes where the processor has instructions for it, twice as fast as BLAKE2b
(`python -m benchmarks.digest`).

The canonical bytes of a series of values (`_canonical`) are:

- the number of values and the number of nulls among them (UInt64 each);
- where there are nulls, one bit for each value: 1 where it is not null, the first value in the lowest bit of a byte;
- the values that are not null, numbers little-endian:
    - integers as they are; floats too, after every -0.0 became 0.0 and every NaN the same NaN;
    - Boolean: one bit each; Date, Time, Datetime and Duration: the integers that Polars stores, in the type's unit;
    - Enum: the position among its categories (UInt32), which are part of the type; Categorical: as its string;
    - String: the length of each in bytes (UInt32), then the UTF-8 of all; Binary: as its hexadecimal digits;
    - Int128 and UInt128, and Decimal without its decimal point: as its decimal digits;
    - List and Array: the length of each (UInt32), then the canonical bytes of all elements together: a null list, an
      empty list and a list with a null differ;
    - Struct: the canonical bytes of each field, in the order of the type.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.datatypes import DataTypeClass

from mdi_pipeline.compute.parallel import side_by_side

SLICE_ROWS = 1 << 17
"""Rows of a column that are hashed together. It is part of the format: another number gives other digests."""

HEX_DIGITS = 16

SMALL_FRAME_BYTES = 2_000_000
"""Frames below this size are hashed in the calling thread: starting others takes 3 ms, as does hashing 1 MB."""

JSON: TypeAlias = "str | int | list[JSON] | None"

_PLAIN_TYPES = (
    *(pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128),
    *(pl.Float16, pl.Float32, pl.Float64),
    *(pl.Boolean, pl.String, pl.Binary, pl.Categorical, pl.Date, pl.Time, pl.Null),
)
"""Types without parameters."""


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def column_digests(frame: pl.DataFrame) -> dict[str, str]:
    """16 hexadecimal digits for each column: a digest of its name, its type and its values in the order of the rows.

    Equal values give equal digests, however they lie in memory, in every process and with every version of Polars. As
    in comparisons of Polars, 0.0 equals -0.0 and NaN equals NaN. Raises `TypeError` for types that no table of the lake
    can have: Object, Map and extension types.

    >>> digests = column_digests(pl.DataFrame({"model_id": ["a/b"], "likes": [3]}))
    >>> digests == column_digests(pl.DataFrame({"likes": [3], "model_id": ["a/b"]}))
    True
    """
    headers = {name: [name, _described(dtype), frame.height] for name, dtype in frame.schema.items()}
    starts = range(0, frame.height, SLICE_ROWS)
    slices = ((name, start) for name in headers for start in starts)

    def digest(column_slice: tuple[str, int]) -> bytes:
        name, start = column_slice
        return _digest_of_values(frame.get_column(name).slice(start, SLICE_ROWS))

    small = frame.estimated_size() < SMALL_FRAME_BYTES
    digests = iter([digest(each) for each in slices] if small else side_by_side(digest, slices))
    return {name: _short_digest(header, *(next(digests) for _ in starts)) for name, header in headers.items()}


def combined(digests: Mapping[str, str]) -> str:
    """One digest of several columns, given by name, whatever their order in the mapping; 16 hexadecimal digits."""
    return _short_digest([[name, digest] for name, digest in sorted(digests.items())])


def _short_digest(described: JSON, *parts: bytes) -> str:
    text = json.dumps(described, separators=(",", ":"))
    return hashlib.sha256(text.encode() + b"".join(parts)).hexdigest()[:HEX_DIGITS]


def _described(dtype: pl.DataType | DataTypeClass) -> JSON:  # noqa: PLR0911, one line for each kind of type
    """A type as JSON, which does not depend on how a version of Polars prints types."""
    match dtype:
        case pl.List():
            return ["List", _described(dtype.inner)]
        case pl.Array():
            return ["Array", dtype.size, _described(dtype.inner)]
        case pl.Struct():
            return ["Struct", [[field.name, _described(field.dtype)] for field in dtype.fields]]
        case pl.Datetime():
            return ["Datetime", dtype.time_unit, dtype.time_zone]
        case pl.Duration():
            return ["Duration", dtype.time_unit]
        case pl.Decimal():
            return ["Decimal", dtype.precision, dtype.scale]
        case pl.Enum():
            return ["Enum", dtype.categories.to_list()]
        case _ if dtype in _PLAIN_TYPES:
            return dtype.base_type().__name__
    raise TypeError(f"there is no digest of a column of type {dtype}")


def _digest_of_values(values: pl.Series) -> bytes:
    hashed = hashlib.sha256()
    for part in _canonical(values):
        hashed.update(part)
    return hashed.digest()


def _canonical(values: pl.Series) -> Iterator[bytes | memoryview]:
    """The canonical bytes of values, in pieces. What is stored where a value is null does not count."""
    n_null = values.null_count()
    yield _little_endian(np.array([len(values), n_null], np.uint64))
    if n_null:
        not_null = values.is_not_null()
        yield _bits(not_null)
        values = values.filter(not_null)
    if len(values):
        yield from _canonical_values(values)


def _canonical_values(values: pl.Series) -> Iterator[bytes | memoryview]:
    """The canonical bytes of values without nulls, after the numbers of values and nulls."""
    values = _as_basic_type(values)
    match values.dtype:
        case pl.String():
            yield _little_endian(values.str.len_bytes().cast(pl.UInt32).to_numpy())
            yield values.str.join("").cast(pl.Binary).item()
        case pl.List():
            yield _little_endian(values.list.len().cast(pl.UInt32).to_numpy())
            yield from _canonical(values.explode(empty_as_null=False))
        case pl.Struct(fields=fields):
            for field in fields:
                yield from _canonical(values.struct.field(field.name))
        case pl.Boolean():
            yield _bits(values)
        case dtype if dtype.is_float():
            yield _little_endian(_equal_bits(values.to_numpy()))
        case _:
            yield _little_endian(values.to_numpy())


def _as_basic_type(values: pl.Series) -> pl.Series:  # noqa: PLR0911, one line for each kind of type
    """The values as String, List, Struct, Boolean, a float or an integer of at most 64 bits."""
    match values.dtype:
        case pl.Date() | pl.Time() | pl.Datetime() | pl.Duration():
            return values.to_physical()
        case pl.Enum():
            return values.to_physical().cast(pl.UInt32)
        case pl.Categorical() | pl.Int128() | pl.UInt128():
            return values.cast(pl.String)
        case pl.Decimal():
            return values.to_physical().cast(pl.String)
        case pl.Binary():
            return values.bin.encode("hex")
        case pl.Array(inner=inner):
            return values.cast(pl.List(inner))
        case _:
            return values


def _equal_bits(numbers: NDArray[Any]) -> NDArray[Any]:
    """The numbers with the same bits for 0.0 and -0.0, and for all NaN."""
    numbers = numbers.copy()
    numbers[np.isnan(numbers)] = np.nan
    numbers += 0.0  # -0.0 + 0.0 is 0.0
    return numbers


def _bits(flags: pl.Series) -> memoryview:
    return np.packbits(flags.to_numpy(), bitorder="little").data


def _little_endian(numbers: NDArray[Any]) -> memoryview:
    return numbers.astype(numbers.dtype.newbyteorder("<"), copy=False).data

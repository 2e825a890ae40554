"""Digests of content: the format against its definition, what must not change a digest, and what must."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import struct
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from polars.testing.parametric import dataframes, dtypes, series

from mdi_pipeline.compute import digest, parallel
from mdi_pipeline.compute.digest import SLICE_ROWS, column_digests, combined, sha256_of

NUMBER_FORMATS: dict[Any, str] = {
    pl.Int8: "b",
    pl.Int16: "h",
    pl.Int32: "i",
    pl.Int64: "q",
    pl.UInt8: "B",
    pl.UInt16: "H",
    pl.UInt32: "I",
    pl.UInt64: "Q",
    pl.Float16: "e",
    pl.Float32: "f",
    pl.Float64: "d",
    pl.Date: "i",
    pl.Time: "q",
    pl.Datetime: "q",
    pl.Duration: "q",
}
"""The formats of `struct.pack`."""

NOT_STORED = [pl.Object, pl.Extension]

FRAMES: st.SearchStrategy[Any] = dataframes(max_cols=2, max_size=9, excluded_dtypes=NOT_STORED)
"""Frames of all types that can be stored, with chunks, nulls, and values hidden behind nulls."""


# The definition, value by value in plain Python.


def expected_digests(frame: pl.DataFrame, slice_rows: int = SLICE_ROWS) -> dict[str, str]:
    expected = {}
    for column in frame.iter_columns():
        header = json.dumps([column.name, type_parts(column.dtype), frame.height], separators=(",", ":")).encode()
        values = plain_values(column)
        slices = [values[start : start + slice_rows] for start in range(0, len(values), slice_rows)]
        digests = [hashlib.sha256(canonical(each, column.dtype)).digest() for each in slices]
        expected[column.name] = hashlib.sha256(header + b"".join(digests)).hexdigest()[:16]
    return expected


def type_parts(dtype: Any) -> Any:
    if isinstance(dtype, pl.List):
        return ["List", type_parts(dtype.inner)]
    if isinstance(dtype, pl.Array):
        return ["Array", dtype.size, type_parts(dtype.inner)]
    if isinstance(dtype, pl.Struct):
        return ["Struct", [[field.name, type_parts(field.dtype)] for field in dtype.fields]]
    parts = {
        pl.Datetime: ("time_unit", "time_zone"),
        pl.Duration: ("time_unit",),
        pl.Decimal: ("precision", "scale"),
    }
    if dtype.base_type() in parts:
        return [str(dtype.base_type()), *(getattr(dtype, part) for part in parts[dtype.base_type()])]
    return ["Enum", list(dtype.categories)] if isinstance(dtype, pl.Enum) else str(dtype)


def plain_values(column: pl.Series) -> list[Any]:
    """The values in Python; moments and durations as whole numbers of their unit, since Python knows no nanoseconds."""
    return column.cast(with_numbers_for_times(column.dtype)).to_list()


def with_numbers_for_times(dtype: Any) -> Any:
    if isinstance(dtype, pl.List):
        return pl.List(with_numbers_for_times(dtype.inner))
    if isinstance(dtype, pl.Array):
        return pl.Array(with_numbers_for_times(dtype.inner), dtype.size)
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(field.name, with_numbers_for_times(field.dtype)) for field in dtype.fields])
    return (pl.Int32() if dtype == pl.Date else pl.Int64()) if dtype.is_temporal() else dtype


def canonical(values: list[Any], dtype: Any) -> bytes:
    there = [value for value in values if value is not None]
    parts = [struct.pack("<QQ", len(values), len(values) - len(there))]
    if len(there) < len(values):
        parts.append(bits([value is not None for value in values]))
    if there:
        parts.append(canonical_values(there, dtype))
    return b"".join(parts)


def bits(flags: list[bool]) -> bytes:
    bytes_of_flags = [flags[start : start + 8] for start in range(0, len(flags), 8)]
    return bytes(sum(flag << place for place, flag in enumerate(each)) for each in bytes_of_flags)


def canonical_values(values: list[Any], dtype: Any) -> bytes:
    if isinstance(dtype, pl.Struct):
        return b"".join(canonical([value[field.name] for value in values], field.dtype) for field in dtype.fields)
    if isinstance(dtype, pl.List | pl.Array):
        lists = [list(value) for value in values]
        return lengths(lists) + canonical([element for each in lists for element in each], dtype.inner)
    if dtype == pl.Boolean:
        return bits(values)
    if dtype.base_type() in NUMBER_FORMATS:
        return b"".join(number(value, NUMBER_FORMATS[dtype.base_type()]) for value in values)
    if isinstance(dtype, pl.Enum):
        return b"".join(number(list(dtype.categories).index(value), "I") for value in values)
    encoded = [text(value, dtype).encode() for value in values]
    return lengths(encoded) + b"".join(encoded)


def lengths(values: list[Any]) -> bytes:
    return b"".join(number(len(value), "I") for value in values)


def number(value: float, form: str) -> bytes:
    if math.isnan(value):
        return struct.pack(f"<{form}", math.nan)
    return struct.pack(f"<{form}", value or 0)


def text(value: Any, dtype: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return str(int(value.scaleb(dtype.scale, Context(prec=50))))
    return str(value)


def meaning(frame: pl.DataFrame) -> dict[str, str]:
    """What each column says, written out: two columns are equal where this is equal."""
    return {
        column.name: f"{column.dtype!r} {[plainly(value) for value in plain_values(column)]!r}"
        for column in frame.iter_columns()
    }


def plainly(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plainly(part) for name, part in value.items()}
    if isinstance(value, list | pl.Series):
        return [plainly(part) for part in value]
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    return value


@given(FRAMES)
def test_digests_are_as_defined(frame: pl.DataFrame) -> None:
    assert column_digests(frame) == expected_digests(frame)


@given(FRAMES, st.integers(1, 4))
def test_slices_are_as_defined(frame: pl.DataFrame, slice_rows: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "SLICE_ROWS", slice_rows)
        assert column_digests(frame) == expected_digests(frame, slice_rows)


def test_a_frame_of_several_slices_and_threads_is_hashed_as_defined() -> None:
    n_rows = 2 * SLICE_ROWS + 5
    row = pl.int_range(n_rows)
    frame = pl.select(
        number=row,
        text=pl.when(row % 3 > 0).then(pl.format("model-{}", row)),
        several=pl.when(row % 5 > 0).then(pl.concat_list(row % 7, row % 11)),
    )
    assert frame.estimated_size() > digest.SMALL_FRAME_BYTES
    assert column_digests(frame) == expected_digests(frame)


BEFORE_EPOCH, TODAY = datetime(1969, 12, 31, tzinfo=UTC), datetime(2026, 8, 31, tzinfo=UTC)

EVERY_TYPE = pl.DataFrame(
    {
        "i8": pl.Series([-1, None, 5], dtype=pl.Int8),
        "i16": pl.Series([-300, None, 5], dtype=pl.Int16),
        "i32": pl.Series([-70_000, None, 5], dtype=pl.Int32),
        "i64": pl.Series([-(2**40), None, 5], dtype=pl.Int64),
        "i128": pl.Series([-(2**100), None, 5], dtype=pl.Int128),
        "u8": pl.Series([255, None, 5], dtype=pl.UInt8),
        "u16": pl.Series([300, None, 5], dtype=pl.UInt16),
        "u32": pl.Series([70_000, None, 5], dtype=pl.UInt32),
        "u64": pl.Series([2**63, None, 5], dtype=pl.UInt64),
        "u128": pl.Series([2**127, None, 5], dtype=pl.UInt128),
        "f16": pl.Series([-0.0, None, math.nan], dtype=pl.Float16),
        "f32": pl.Series([-0.0, None, math.nan], dtype=pl.Float32),
        "f64": pl.Series([-0.0, 0.1, math.nan], dtype=pl.Float64),
        "bool": pl.Series([True, None, False]),
        "str": pl.Series(["", None, "née 🤗"]),
        "bytes": pl.Series([b"", None, b"\x00\xff"]),
        "null": pl.Series([None, None, None], dtype=pl.Null),
        "date": pl.Series([date(1969, 12, 31), None, date(2026, 8, 31)]),
        "time": pl.Series([time(0), None, time(23, 59, 59, 999_999)]),
        "ms": pl.Series([0, None, -1], dtype=pl.Int64).cast(pl.Datetime("ms")),
        "utc": pl.Series([BEFORE_EPOCH, None, TODAY], dtype=pl.Datetime("us", "UTC")),
        "ns": pl.Series([timedelta(-1), None, timedelta(microseconds=1)], dtype=pl.Duration("ns")),
        "decimal": pl.Series([Decimal("-1.50"), None, Decimal("12345.67")], dtype=pl.Decimal(20, 2)),
        "enum": pl.Series(["b", None, "a"], dtype=pl.Enum(["a", "b"])),
        "category": pl.Series(["b", None, "a"], dtype=pl.Categorical),
        "list": pl.Series([None, [], [None, "a", ""]], dtype=pl.List(pl.String)),
        "lists": pl.Series([None, [[], None], [[1], [2, None]]], dtype=pl.List(pl.List(pl.Int64))),
        "array": pl.Series([None, [1, None], [3, 4]], dtype=pl.Array(pl.Int16, 2)),
        "struct": pl.Series([None, {"a": None, "b": None}, {"a": 1, "b": ["x"]}], dtype=pl.Struct),
        "structs": pl.Series([None, [], [None, {"a": 1.5, "b": "x"}]]),
    },
)

KNOWN_ANSWERS = {
    "i8": "0036c9cee238829f",
    "i16": "5a365fc00e926741",
    "i32": "494c35e42a77dae7",
    "i64": "52170e313310a6ff",
    "i128": "2b6f5f2bf36b77b4",
    "u8": "45ee89264da66de2",
    "u16": "46f193a777a43ccc",
    "u32": "267811153f53997e",
    "u64": "8189ef22ae9f804b",
    "u128": "98780b93d2b953b2",
    "f16": "3f4725f4a242adc2",
    "f32": "b3828338034ce51d",
    "f64": "6b7f17ae620d5cac",
    "bool": "925fbce57bf489e3",
    "str": "e6e80ba798292ff8",
    "bytes": "843971164415c454",
    "null": "e73336897199f73b",
    "date": "cb2894d3bbe8e4c9",
    "time": "960291852826e8e5",
    "ms": "3273c3df1e053bb2",
    "utc": "8ab9faa28a201eb5",
    "ns": "7a31cebe31ca1893",
    "decimal": "94d7afea3e29213f",
    "enum": "7104f24c5205654f",
    "category": "9ccccafdd32fc28d",
    "list": "3500dbee565b09d2",
    "lists": "67ef2c26decd766f",
    "array": "a74da48a6a81c94e",
    "struct": "78e98e2329d65b26",
    "structs": "06cd3b2b57f00baf",
}


def test_digests_of_every_type_are_those_of_all_earlier_versions() -> None:
    """Where the format must change, every table that is stored gets another data version, and all steps run again."""
    assert column_digests(EVERY_TYPE) == KNOWN_ANSWERS
    assert column_digests(EVERY_TYPE) == expected_digests(EVERY_TYPE)


# What must not change a digest.


@given(FRAMES)
def test_chunks_do_not_matter(frame: pl.DataFrame) -> None:
    in_rows = pl.concat([frame.slice(row, 1) for row in range(frame.height)]) if frame.height else frame
    assert column_digests(frame.rechunk()) == column_digests(frame)
    assert column_digests(in_rows) == column_digests(frame)


@given(FRAMES, st.integers(0, 9), st.integers(0, 9))
def test_a_slice_is_hashed_as_its_own_rows(frame: pl.DataFrame, start: int, n_rows: int) -> None:
    sliced = frame.slice(start, n_rows)
    apart = pl.DataFrame({column.name: copied(column) for column in sliced.iter_columns()})
    assert column_digests(sliced) == column_digests(apart)
    assert combined(column_digests(sliced)) == combined(column_digests(apart))


def copied(column: pl.Series) -> pl.Series:
    """The same values elsewhere in memory, with nothing before, behind or between them."""
    return column.gather(list(range(len(column)))).rechunk()


@given(FRAMES)
def test_files_give_back_what_was_hashed(frame: pl.DataFrame) -> None:
    files = [io.BytesIO() for _ in range(3)]
    frame.write_ipc(files[0], compat_level=pl.CompatLevel.newest())  # strings as views
    frame.write_ipc(files[1], compat_level=pl.CompatLevel.oldest())  # strings with 64-bit offsets
    frame.write_parquet(files[2])
    for file, read in zip(files, (pl.read_ipc, pl.read_ipc, pl.read_parquet), strict=True):
        file.seek(0)
        assert column_digests(read(file)) == column_digests(frame)


@given(FRAMES, st.integers(1, 4))
def test_the_number_of_workers_does_not_matter(frame: pl.DataFrame, n_workers: int) -> None:
    alone = column_digests(frame)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "SMALL_FRAME_BYTES", 0)
        patch.setattr(parallel, "n_workers", lambda: n_workers)
        assert column_digests(frame) == alone


HASHED_ELSEWHERE = """
import sys
import polars as pl
from mdi_pipeline.compute.digest import column_digests
print(pl.thread_pool_size(), column_digests(pl.read_parquet(sys.argv[1])))
"""


@pytest.mark.parametrize("threads", ["1", "4"])
def test_processes_and_threads_of_polars_do_not_matter(tmp_path: Path, threads: str) -> None:
    EVERY_TYPE.write_parquet(tmp_path / "every.parquet")
    command = [sys.executable, "-c", HASHED_ELSEWHERE, str(tmp_path / "every.parquet")]
    environment = {**os.environ, "POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": threads}
    printed = subprocess.check_output(command, env=environment, text=True).strip()
    assert printed == f"{threads} {KNOWN_ANSWERS}"


def test_categories_count_by_their_strings() -> None:
    strings = pl.Series("a", ["x", "y", "x"])
    others_first = pl.concat([pl.Series("a", ["z", "y"]), strings]).cast(pl.Categorical).slice(2)
    assert column_digests(others_first.to_frame()) == column_digests(strings.cast(pl.Categorical).to_frame())


@pytest.mark.parametrize("form", ["e", "f", "d"])
def test_equal_floats_have_equal_digests(form: str) -> None:
    """Zeros with and without sign; NaN of other signs and payloads, signalling ones too."""
    dtype = {"e": np.float16, "f": np.float32, "d": np.float64}[form]
    size = struct.calcsize(form)
    exponent = {"e": 0x7C00, "f": 0x7F800000, "d": 0x7FF0000000000000}[form]
    negative = 1 << (8 * size - 1)
    several = [exponent | 1, exponent | exponent >> 1, negative | exponent | 5, negative]
    numbers = np.array(several, f"u{size}").view(dtype)
    plain = np.array([np.nan, np.nan, np.nan, 0.0], dtype)
    assert column_digests(pl.DataFrame({"a": numbers})) == column_digests(pl.DataFrame({"a": plain}))


@given(st.dictionaries(st.text(), st.text()))
def test_the_order_of_columns_does_not_matter_for_one_digest_of_all(digests: dict[str, str]) -> None:
    assert combined(digests) == combined(dict(reversed(digests.items())))


# What must change a digest.


@st.composite
def frames_alike(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two frames of the same columns, types and number of rows."""
    dtype, n_rows = draw(dtypes(excluded_dtypes=NOT_STORED)), draw(st.integers(1, 6))
    one, other = (draw(series(name="a", dtype=dtype, min_size=n_rows, max_size=n_rows)) for _ in range(2))
    return one.to_frame(), other.to_frame()


@given(frames_alike(), st.integers(0, 5))
def test_another_value_or_null_gives_another_digest(frames: tuple[pl.DataFrame, pl.DataFrame], row: int) -> None:
    frame, other = frames
    row = min(row, frame.height - 1)
    changed = pl.concat([frame.slice(0, row), other.slice(row, 1), frame.slice(row + 1)])
    null_there = pl.concat([frame.slice(0, row), frame.clear(1), frame.slice(row + 1)])
    for each in (changed, null_there, other):
        assert (column_digests(each) == column_digests(frame)) == (meaning(each) == meaning(frame))


@given(FRAMES, st.randoms(use_true_random=False))
def test_the_order_of_rows_counts(frame: pl.DataFrame, random: Any) -> None:
    order = random.sample(range(frame.height), frame.height)
    moved = frame[order] if frame.height else frame
    digests, moved_digests, said, moved_said = (
        column_digests(frame),
        column_digests(moved),
        meaning(frame),
        meaning(moved),
    )
    for name in frame.columns:
        assert (digests[name] == moved_digests[name]) == (said[name] == moved_said[name])


@given(FRAMES)
def test_the_number_of_rows_counts(frame: pl.DataFrame) -> None:
    digests, longer = column_digests(frame), column_digests(pl.concat([frame, frame.clear(1)]))
    assert all(digests[name] != longer[name] for name in frame.columns)


@given(FRAMES, st.text(max_size=3))
def test_the_name_counts(frame: pl.DataFrame, name: str) -> None:
    renamed = frame.select(pl.first().alias(name))
    same = name == frame.columns[0]
    assert (column_digests(renamed)[name] == column_digests(frame)[frame.columns[0]]) == same


@given(st.lists(st.text(max_size=2), max_size=6), st.data())
def test_the_borders_of_lists_and_strings_count(parts: list[str], data: st.DataObject) -> None:
    """The same strings in lists of other lengths, and the same letters in strings of other lengths."""
    borders = [sorted(data.draw(st.lists(st.integers(0, len(parts)), min_size=2, max_size=2))) for _ in range(2)]
    in_lists = [[parts[:low], parts[low:high], parts[high:]] for low, high in borders]
    in_strings = [["".join(part) for part in lists] for lists in in_lists]
    for one, other in (in_lists, in_strings):
        dtype = pl.List(pl.String) if one is in_lists[0] else pl.String
        one_digest, other_digest = (column_digests(pl.DataFrame({"a": each}, {"a": dtype})) for each in (one, other))
        assert (one_digest == other_digest) == (one == other)


def test_null_and_empty_lists_and_lists_of_null_differ() -> None:
    kinds: list[Any] = [None, [], [None], [None, None], [""]]
    frames = [pl.DataFrame({"a": [kind]}, {"a": pl.List(pl.String)}) for kind in kinds]
    assert len({column_digests(frame)["a"] for frame in frames}) == len(kinds)


def test_null_structs_and_structs_of_null_differ() -> None:
    dtype = pl.List(pl.Struct({"dataset": pl.String, "value": pl.Float64}))
    of_null = {"dataset": None, "value": None}
    kinds: list[Any] = [None, [], [None], [of_null], [of_null, None], [None, of_null], [{**of_null, "value": 0.0}]]
    frames = [pl.DataFrame({"benchmarks": [kind]}, {"benchmarks": dtype}) for kind in kinds]
    assert len({column_digests(frame)["benchmarks"] for frame in frames}) == len(kinds)


@pytest.mark.parametrize("rows", [[], [None], [1], [0, 1, None]])
def test_the_type_counts(rows: list[int | None]) -> None:
    numbers = pl.Series("a", rows, dtype=pl.Int64)
    types = [
        *(pl.Int32, pl.Int64, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.Boolean, pl.String, pl.Date, pl.Time),
        *(pl.Datetime("us"), pl.Datetime("ns"), pl.Datetime("us", "UTC"), pl.Duration("us"), pl.Duration("ms")),
        *(pl.Decimal(10, 0), pl.Decimal(11, 0), pl.Decimal(11, 1)),
    ]
    texts = [pl.Binary, pl.Categorical, pl.Enum(["0", "1"]), pl.Enum(["1", "0"]), pl.Enum(["0", "1", "2"])]
    columns = [*(numbers.cast(dtype) for dtype in types), *(numbers.cast(pl.String).cast(dtype) for dtype in texts)]
    nested = [
        pl.select(a=pl.concat_list(numbers)).to_series(),
        pl.Series("a", [[[row]] for row in rows], dtype=pl.List(pl.List(pl.Int64))),
        pl.select(a=pl.concat_list(numbers)).to_series().cast(pl.Array(pl.Int64, 1)),
        pl.DataFrame({"x": numbers}).to_struct("a"),
        pl.DataFrame({"y": numbers}).to_struct("a"),
        pl.DataFrame({"x": numbers, "y": numbers}).to_struct("a"),
        pl.DataFrame({"y": numbers, "x": numbers}).to_struct("a"),
    ]
    digests = {column_digests(column.to_frame())["a"] for column in [*columns, *nested]}
    assert len(digests) == len(columns) + len(nested)


def test_what_cannot_be_stored_has_no_digest() -> None:
    with pytest.raises(TypeError, match="Object"):
        column_digests(pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}))


@given(st.dictionaries(st.text(), st.text(), max_size=3), st.dictionaries(st.text(), st.text(), max_size=3))
@example({"a": "b,c"}, {"a,b": "c"})
@example({"a": "b", "c": "d"}, {"a": "d", "c": "b"})
@example({}, {"": ""})
def test_one_digest_of_all_depends_on_each(one: dict[str, str], other: dict[str, str]) -> None:
    assert (combined(one) == combined(other)) == (one == other)


# Files.


def test_a_file_is_hashed_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256_of(tmp_path / "file") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

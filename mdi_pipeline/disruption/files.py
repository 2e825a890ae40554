"""Tables in Parquet and CSV files, told apart by their suffix."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from mdi_pipeline.disruption.errors import FileError

SUFFIXES = (".parquet", ".csv")


def read_columns(path: Path, *columns: str, may_lack: tuple[str, ...] = ()) -> pl.DataFrame:
    """These columns of the file.

    Of a CSV file all are text, as it has no types, without the blanks around it; lines with nothing but blanks do not
    count, and an empty text is null. Raises `FileError` where the file or a column is missing, or the file cannot be
    read, and where a line of CSV has no value in a column that is not among `may_lack`.
    """
    require_suffix(path)
    if not path.is_file():
        raise FileError(f"{path}: there is no such file")
    try:
        scan = _scan_csv(path) if path.suffix == ".csv" else pl.scan_parquet(path)
        present = scan.collect_schema().names()
        for column in columns:
            if column not in present:
                raise FileError(f"{path}: no column '{column}'; it has {', '.join(present)}")
        if path.suffix == ".csv":
            return _lines(path, scan, columns, may_lack)
        return scan.select(columns).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        kind = path.suffix.removeprefix(".")
        raise FileError(f"{path}: cannot be read as {kind}: {str(error).splitlines()[0]}") from error


def _scan_csv(path: Path) -> pl.LazyFrame:
    """The file, all of it text without the blanks around it, null where nothing else is there."""
    scan = pl.scan_csv(path, infer_schema=False)
    trimmed = pl.all().str.strip_chars().replace("", None)
    return scan.rename(str.strip).select(trimmed)


def _lines(path: Path, scan: pl.LazyFrame, columns: tuple[str, ...], may_lack: tuple[str, ...]) -> pl.DataFrame:
    is_blank = pl.all_horizontal(pl.all().is_null())
    lines = scan.with_columns(is_blank=is_blank).select(*columns, "is_blank").collect()
    for column in set(columns) - set(may_lack):
        lacking = lines.select((pl.col(column).is_null() & ~pl.col("is_blank")).arg_true()).to_series()
        if len(lacking):
            raise FileError(f"{path}: no '{column}' in line {lacking[0] + 2:,}, and in {len(lacking) - 1:,} others")
    return lines.filter(~pl.col("is_blank")).drop("is_blank")


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Writes the file beside its place and renames it there, so that it is never seen half-written."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        if path.suffix == ".csv":
            frame.write_csv(aside)
        else:
            frame.write_parquet(aside)
        aside.replace(path)
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error}") from error
    finally:
        aside.unlink(missing_ok=True)


def require_suffix(path: Path) -> None:
    """Raises `FileError` unless the name says Parquet or CSV."""
    if path.suffix not in SUFFIXES:
        raise FileError(f"{path}: the name must end in {' or '.join(SUFFIXES)}")

"""Tables in Parquet and CSV files, told apart by their suffix."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from mdi_pipeline.disruption.errors import FileError

SUFFIXES = (".parquet", ".csv")


def read_columns(path: Path, *columns: str) -> pl.DataFrame:
    """These columns of the file; of a CSV file all are text, as it has no types.

    Raises `FileError` where the file or a column is missing, or the file cannot be read.
    """
    require_suffix(path)
    if not path.is_file():
        raise FileError(f"{path}: there is no such file")
    try:
        scan = pl.scan_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.scan_parquet(path)
        present = scan.collect_schema().names()
        for column in columns:
            if column not in present:
                raise FileError(f"{path}: no column '{column}'; it has {', '.join(present)}")
        return scan.select(columns).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        kind = path.suffix.removeprefix(".")
        raise FileError(f"{path}: cannot be read as {kind}: {str(error).splitlines()[0]}") from error


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

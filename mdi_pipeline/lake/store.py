"""The lake: `<table>/crawl_date=<date>/part-0.parquet`, each partition replaced in one step.

A table across crawl dates is one file, `<table>/part-0.parquet`; where a crawl date is asked for, it has None.
A partition is written aside, checked against the registry, and renamed into place: a reader sees the old
one or the new one, whole, and a kill at any moment loses nothing that had landed. What a partition was
made from stands in its own file (`Stamp`), so that it can never disagree with the data. What only writing needs is
imported there: a look-up starts sooner.

Tables are named to be read, and declared (`tables.registry.Table`) to be written: the schema checks what lands.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl

from mdi_pipeline.compute.durable import replace_durably

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mdi_pipeline.tables.registry import Table

PARTITION = "crawl_date="
PARTITIONS = f"{PARTITION}[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
"""The pattern of the folders of partitions: another folder, as of a copy put aside, is none."""

PART = "part-0.parquet"
STAGING = ".staging"
COMPRESSION_LEVEL = 2
"""Of zstd: against its usual 3, a sixth less time for the large tables, which are 2 % larger."""

ABSENT = "absent"
"""What stands for the digest of a column that a partition does not have."""

NO_SPACE = os.strerror(errno.ENOSPC)


class LakeError(Exception):
    """A partition cannot be read or written; the message says which, why and what to do."""


@dataclass(frozen=True)
class Stamp:
    """What a partition was made from, and what it holds.

    `made_from` names what its making depended on (code, settings, inputs), `columns` has the digest of each column's
    content, `libraries` the minor versions of the libraries that computed it. `schema_version` is that of the table's
    schema; 0 for what version 0.1.0 wrote, which said neither.
    """

    made_from: Mapping[str, object]
    columns: Mapping[str, str]
    libraries: Mapping[str, str]
    schema_version: int

    @property
    def data_version(self) -> str:
        """A digest of the rows in key order: equal where nothing changed, whatever made it."""
        from mdi_pipeline.compute.digest import combined

        return combined(self.columns)

    def of(self, columns: Iterable[str]) -> str:
        """A digest of some columns; one that the partition lacks counts as absent."""
        from mdi_pipeline.compute.digest import combined

        return combined({name: self.columns.get(name, ABSENT) for name in columns})

    def metadata(self) -> dict[str, str]:
        """The stamp as it stands in the footer of the partition's file."""
        return {
            "made_from": json.dumps(self.made_from, sort_keys=True),
            "columns": json.dumps(self.columns),
            "libraries": json.dumps(self.libraries, sort_keys=True),
            "schema_version": str(self.schema_version),
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Stamp | None:
        """The stamp in a file's footer; None where there is none that can be read."""
        if "fingerprint" in metadata:
            return cls({"version": "0.1.0", "fingerprint": metadata["fingerprint"]}, {}, {}, 0)
        try:
            return cls(
                json.loads(metadata["made_from"]),
                json.loads(metadata["columns"]),
                json.loads(metadata["libraries"]),
                int(metadata["schema_version"]),
            )
        except (KeyError, ValueError):
            return None


@lru_cache(maxsize=1024)
def _stamp_in(file: Path, _as_it_is: tuple[int, int, int]) -> Stamp | None:
    """The stamp in a file's footer, read once for as long as the file stays as it is: several steps ask for it."""
    return Stamp.from_metadata(pl.read_parquet_metadata(file))


def _date_of(folder: str) -> date | None:
    """The crawl date that a partition's folder names; None where it is no such folder."""
    try:
        crawl_date = date.fromisoformat(folder.removeprefix(PARTITION))
    except ValueError:
        return None
    return crawl_date if folder == f"{PARTITION}{crawl_date}" else None


class Lake:
    """The tables of one home, by name and crawl date."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, table: str, crawl_date: date | None) -> Path:
        """Where a partition is."""
        folder = self.root / table
        return (folder if crawl_date is None else folder / f"{PARTITION}{crawl_date}") / PART

    def held(self, table: str) -> list[date] | list[None]:
        """What names each partition that a table holds: its crawl dates, or None for the one of a whole."""
        return [None] if self.file(table, None).exists() else self.dates(table)

    def dates(self, table: str) -> list[date]:
        """The crawl dates that a table holds, oldest first. A folder of any other name is left alone."""
        try:
            names = [found.name for found in (self.root / table).iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        # Asked as text, since this is asked often: with a path object each it takes twice as long.
        there = [name for name in names if os.path.exists(f"{self.root}/{table}/{name}/{PART}")]  # noqa: PTH110
        return sorted(day for day in map(_date_of, there) if day is not None)

    def strangers(self) -> list[Path]:
        """What lies in the folder of a table and is none of its partitions, so that nothing reads it."""
        there = [found for table in self.root.glob("[!.]*/") for found in table.iterdir()]
        return sorted(found for found in there if found.name != PART and _date_of(found.name) is None)

    def previous(self, table: str, crawl_date: date) -> date | None:
        """The newest date of a table before another; None where there is none."""
        earlier = [found for found in self.dates(table) if found < crawl_date]
        return earlier[-1] if earlier else None

    def scan(self, table: str, crawl_date: date | None) -> pl.LazyFrame:
        """A partition, not yet read. Raises `LakeError` where it is missing or damaged."""
        file = self.file(table, crawl_date)
        try:
            pl.read_parquet_schema(file)
        except FileNotFoundError:
            of_date = f" of {crawl_date}" if crawl_date else ""
            raise LakeError(f"{table} has no partition{of_date}. Make it: {_command(crawl_date)}") from None
        except (pl.exceptions.PolarsError, OSError) as error:
            raise LakeError(_damaged(file, crawl_date, error)) from error
        return pl.scan_parquet(file)

    def read(self, table: str, crawl_date: date | None, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A partition, or these columns of it: no other is read. Raises `LakeError` where it is missing or damaged."""
        try:
            return self.scan(table, crawl_date).select(pl.all() if columns is None else columns).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise LakeError(_damaged(self.file(table, crawl_date), crawl_date, error)) from error

    def history(self, table: str, columns: Mapping[str, pl.DataType]) -> pl.LazyFrame:
        """All partitions of a table with their `crawl_date`, not yet read. Raises `LakeError` where there is none.

        A column that a partition of an earlier version lacks is null there; of others than `columns` none is read.
        """
        if not self.dates(table):
            raise LakeError(f"{self.root} holds no {table} yet. Make some: mdi run")
        files = str(self.root / table / PARTITIONS / PART)
        return pl.scan_parquet(
            files,
            schema={**columns, "crawl_date": pl.Date()},
            hive_partitioning=True,
            hive_schema={"crawl_date": pl.Date},
            missing_columns="insert",
            extra_columns="ignore",
        )

    def stamp(self, table: str, crawl_date: date | None) -> Stamp | None:
        """What a partition was made from; None where there is none that can be read."""
        file = self.file(table, crawl_date)
        try:
            now = file.stat()
            return _stamp_in(file, (now.st_ino, now.st_mtime_ns, now.st_size))
        except (pl.exceptions.PolarsError, OSError):
            return None

    def n_rows(self, table: str, crawl_date: date | None) -> int:
        """The number of rows of a partition, from its footer."""
        return int(self.scan(table, crawl_date).select(pl.len()).collect().item())

    def write(
        self,
        table: Table,
        crawl_date: date | None,
        frame: pl.DataFrame,
        made_from: Mapping[str, object],
        libraries: Mapping[str, str],
    ) -> Stamp:
        """Replace a partition in one step, sorted by key; its stamp comes back.

        Raises `TableInvalid` where the frame breaks the table's schema or an invariant, `LakeError` where
        the disk refuses or rows were lost on the way; what was there before stays then.
        """
        from mdi_pipeline.compute.digest import column_digests

        conformed = table.conform(frame)
        stamp = Stamp(made_from, column_digests(conformed), libraries, table.schema_version)
        target = self.file(table.name, crawl_date)
        with self._staged(target) as staged:
            conformed.write_parquet(
                staged, compression="zstd", compression_level=COMPRESSION_LEVEL, metadata=stamp.metadata()
            )
            n_written = pl.scan_parquet(staged).select(pl.len()).collect().item()
            if n_written != conformed.height:
                raise OSError(f"{n_written:,} rows arrived of {conformed.height:,}")
        return stamp

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """A folder for what must be spooled, gone afterwards. Raises `LakeError` where the disk refuses or is full."""
        from mdi_pipeline.lake.liveness import ProcessIdentity

        folder = self.root / STAGING / f"{ProcessIdentity.current()}-{uuid4().hex}"
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise LakeError(
                f"{self.root} could not be written: {error}. What was there before is unchanged."
            ) from error
        try:
            yield folder
        except Exception as error:
            # Whoever spools here says in its own type of error that the disk is full; the words are the system's.
            if NO_SPACE not in str(error):
                raise
            raise LakeError(
                f"the disk of {self.root} is full ({NO_SPACE}). Nothing that had landed is lost: make room, run again"
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def staged(self) -> dict[Path, str]:
        """The workspaces in the staging folder, each with the text that names its process."""
        workspaces = sorted((self.root / STAGING).glob("*-*"))
        return {path: path.name.rpartition("-")[0] for path in workspaces}

    def abandoned(self) -> list[Path]:
        """The workspaces of processes that are known to be gone."""
        from mdi_pipeline.lake.liveness import Fate, fate_of

        return [path for path, process in self.staged().items() if fate_of(process) is Fate.GONE]

    @contextmanager
    def _staged(self, target: Path) -> Iterator[Path]:
        try:
            with self.workspace() as folder:
                staged = folder / PART
                yield staged
                replace_durably(staged, target)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise LakeError(f"{target} could not be written: {error}. What was there before is unchanged.") from error


def _damaged(file: Path, crawl_date: date | None, error: Exception) -> str:
    reason = str(error).splitlines()[0]
    return f"{file} is damaged ({reason}). Make it again: {_command(crawl_date)} --force"


def _command(crawl_date: date | None) -> str:
    return f"mdi run --crawl-date {crawl_date}" if crawl_date else "mdi run"

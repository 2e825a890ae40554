"""Some columns of a Parquet file that is elsewhere: its footer, then the ranges that hold them, and nothing else.

They are written where they stand in the file, into a local one of the same size that is empty in between (a sparse
file: what is empty takes no room on the disk). DuckDB reads the columns that are there as from the whole file. What
has come is written down range by range, so that a kill costs no more than the one under way.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb

from mdi_pipeline.compute.durable import make_folder_durably
from mdi_pipeline.hub.database import connect, quoted
from mdi_pipeline.hub.live.connection import MIB
from mdi_pipeline.hub.remote_file import RemoteFile
from mdi_pipeline.hub.source import SourceError

MAGIC = b"PAR1"
TRAILER = 8
"""Bytes at the end: the length of the footer and the magic word."""

FIRST_TAIL = 256 * 1_024
"""Bytes of the end that are asked for at first: seldom is a footer longer."""

MAX_FOOTER = 64 * MIB
MAX_SIZE = 64 * 1_024 * MIB
"""What a footer and a file may have: many times what the archive has."""

PART = 4 * MIB
"""Bytes that are asked for at once, and lost at most by a kill."""

GAP = 64 * 1_024
"""Ranges that lie closer than this are asked for as one: cheaper than another request."""

Leaf = tuple[str, ...]
"""A column of a Parquet file as it is stored: the path to it."""

Range = tuple[int, int]


class PartialParquet:
    """A file of which a part is here, in a folder that outlives a kill.

    `revision` names what the file holds: parts of another revision are of no use.
    """

    def __init__(self, remote: RemoteFile, revision: str, folder: Path) -> None:
        make_folder_durably(folder)
        self.file = folder / "partial.parquet"
        self._remote = remote
        self._revision = revision
        self._written = folder / "ranges.jsonl"
        size, self._had = self._read_written()
        self.size = self._begun() if size is None else size

    def fetch(self, wanted: Callable[[set[Leaf]], set[Leaf]]) -> set[Leaf]:
        """Fetch the columns that `wanted` chooses among those of the file; they come back.

        Raises `SourceError` where they cannot be had, or what comes is no Parquet file.
        """
        self._fetch_footer()
        chunks = self._column_chunks()
        chosen = wanted({leaf for leaf, _ in chunks})
        for start, stop in _joined([found for leaf, found in chunks if leaf in chosen]):
            for first in range(start, stop, PART):
                self._have(first, min(first + PART, stop))
        return chosen

    def content_hash(self) -> str:
        """SHA-256 of what was fetched, in the order in which it stands in the file."""
        digest = hashlib.sha256()
        with self.file.open("rb") as opened:
            for start, stop in sorted(self._had):
                opened.seek(start)
                digest.update(opened.read(stop - start))
        return digest.hexdigest()

    def _begun(self) -> int:
        size = self._remote.size()
        if not 2 * len(MAGIC) + TRAILER < size <= MAX_SIZE:
            raise SourceError(f"a file of {size:,} bytes is no listing: it has at most {MAX_SIZE:,}")
        with self.file.open("wb") as opened:
            opened.truncate(size)
        self._written.write_text(f"{json.dumps({'revision': self._revision, 'size': size})}\n")
        return size

    def _read_written(self) -> tuple[int | None, set[Range]]:
        """The file's size and the ranges that have come; a last line that was cut off counts for nothing."""
        try:
            head, *lines = self._written.read_text().splitlines()
            begun = json.loads(head)
            size = int(begun["size"])
            if begun["revision"] != self._revision or self.file.stat().st_size != size:
                return None, set()
        except (OSError, ValueError, KeyError, TypeError):
            return None, set()
        return size, set(_ranges_in(lines))

    def _fetch_footer(self) -> None:
        end = self._have(max(self.size - FIRST_TAIL, 0), self.size)
        length = int.from_bytes(end[-TRAILER : -len(MAGIC)], "little")
        if end[-len(MAGIC) :] != MAGIC or not 0 < length <= min(MAX_FOOTER, self.size - TRAILER - len(MAGIC)):
            raise SourceError("what the archive holds is no Parquet file, or a damaged one")
        if length + TRAILER > FIRST_TAIL:
            self._have(self.size - TRAILER - length, self.size - FIRST_TAIL)
        self._have(0, len(MAGIC))

    def _have(self, start: int, stop: int) -> bytes:
        """A range, fetched where it has not come yet."""
        with self.file.open("r+b") as opened:
            opened.seek(start)
            if (start, stop) in self._had:
                return opened.read(stop - start)
            content = self._remote.read(start, stop)
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        with self._written.open("a") as written:
            written.write(f"{json.dumps([start, stop])}\n")
            written.flush()
            os.fsync(written.fileno())
        self._had.add((start, stop))
        return content

    def _column_chunks(self) -> list[tuple[Leaf, Range]]:
        """Where each column of each row group stands."""
        try:
            with connect() as connection:
                found = connection.execute(
                    "SELECT path_in_schema, dictionary_page_offset, data_page_offset, total_compressed_size "
                    f"FROM parquet_metadata('{quoted(self.file)}')"
                ).fetchall()
        except duckdb.Error as error:
            raise SourceError(f"the footer of the archive cannot be read: {str(error).splitlines()[0]}") from None
        chunks = []
        for path, *offsets, length in found:
            start = min(offset for offset in (*offsets, self.size) if offset)
            if start < len(MAGIC) or length is None or length < 0 or start + length > self.size:
                raise SourceError("the footer of the archive names columns outside of the file")
            chunks.append((tuple(path.split(", ")), (start, start + length)))
        return chunks


def _ranges_in(lines: Sequence[str]) -> Iterator[Range]:
    for line in lines:
        try:
            start, stop = json.loads(line)
        except (ValueError, TypeError):
            return
        yield start, stop


def _joined(ranges: Sequence[Range]) -> list[Range]:
    """Ranges in order, those that lie close together as one."""
    joined: list[Range] = []
    for start, stop in sorted(ranges):
        if joined and start - joined[-1][1] <= GAP:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined

"""The lines of a file, plain or packed, within bounds of memory: a file that means harm cannot fill it."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl

from mdi_pipeline.hub.fields import SUBSTITUTE
from mdi_pipeline.hub.source import SourceError

MAX_LINE_BYTES = 32 * 2**20
"""A longer line is no record: the largest known, of a repository with 100,000 files, has about 8 MB."""

PIECE_BYTES = 32 * 2**20
"""Of a file so much is read at once, and the line that it ends in."""

PIECE_ROWS = 20_000
"""Of a .zst file so many lines are read at once: about 20 MB."""

MAX_RATIO = 100
"""A packed file may unpack to so many times its size. Listings, which repeat themselves, come to about 10."""

FREE_BYTES = 64 * 2**20
"""To so much any file may unpack."""

_NOT_UTF8 = re.compile("[\udc80-\udcff]+")

_ZSTD_FRAME = 0xFD2FB528
_ZSTD_SKIPPED = range(0x184D2A50, 0x184D2A60)
_ZSTD_BLOCK_BYTES = 128 * 1024
_ZSTD_RLE, _ZSTD_COMPRESSED = 1, 2


def bounded_lines(file: Path) -> Iterator[pl.DataFrame]:
    """The lines of a file (plain, .gz or .zst) in pieces, with their `line_number` from 1.

    `line` is null where a line is longer than `MAX_LINE_BYTES`; bytes that are not UTF-8 are U+001A in it. Raises
    `SourceError` where the file cannot be read, or unpacks to more than `MAX_RATIO` times its size.
    """
    try:
        if file.suffix == ".zst":
            yield from _lines_of_zstd(file)
        else:
            yield from _lines_of(file)
    except pl.exceptions.ComputeError as error:
        if "utf8" in str(error):
            raise SourceError(f"{file}: not UTF-8. Unpack it, so that only its broken lines are lost.") from error
        raise SourceError(f"{file}: cannot be read: {_first_line(error)}. Fetch the file again.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{file}: cannot be read: {_first_line(error)}. Fetch the file again.") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _lines_of(file: Path) -> Iterator[pl.DataFrame]:
    """Of a line that is too long no more than its beginning is ever held."""
    number, held, is_too_long = 1, b"", False
    for part in _parts_of(file):
        data = held + part
        if is_too_long:
            _, newline, data = part.partition(b"\n")
            if not newline:
                continue
            yield _too_long(number)
            number, is_too_long = number + 1, False
        end = data.rfind(b"\n") + 1
        if end:
            piece = _split(data[:end], number)
            number += piece.height
            yield piece
        held = data[end:]
        if len(held) > MAX_LINE_BYTES:
            held, is_too_long = b"", True
    if is_too_long:
        yield _too_long(number)
    elif held:
        yield _split(held, number)


def _parts_of(file: Path) -> Iterator[bytes]:
    """A file's content, unpacked, by `PIECE_BYTES`."""
    n_unpacked = 0
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        while part := stream.read(PIECE_BYTES):
            if file.suffix == ".gz":
                n_unpacked += len(part)
                _refuse_bomb(file, n_unpacked)
            yield part


def _refuse_bomb(file: Path, n_unpacked: int) -> None:
    if n_unpacked > max(FREE_BYTES, MAX_RATIO * file.stat().st_size):
        raise SourceError(
            f"{file}: unpacks to more than {MAX_RATIO} times its size, which no listing does. If it is one, unpack it."
        )


def _split(text: bytes, number: int) -> pl.DataFrame:
    try:
        return _numbered(pl.scan_lines(io.BytesIO(text), name="line"), number).collect()
    except pl.exceptions.ComputeError:
        marked = _NOT_UTF8.sub(SUBSTITUTE, text.decode(errors="surrogateescape"))
        return _numbered(pl.scan_lines(io.BytesIO(marked.encode()), name="line"), number).collect()


def _numbered(lines: pl.LazyFrame, first: int) -> pl.LazyFrame:
    is_short = pl.col("line").str.len_bytes() <= MAX_LINE_BYTES
    return lines.with_row_index("line_number", first).with_columns(pl.when(is_short).then("line"))


def _too_long(number: int) -> pl.DataFrame:
    return _numbered(pl.LazyFrame({"line": [None]}, schema={"line": pl.String}), number).collect()


def _lines_of_zstd(file: Path) -> Iterator[pl.DataFrame]:
    """Nothing is unpacked before it is known how much it can be: Polars unpacks a line as a whole."""
    _refuse_bomb(file, _most_unpacked(file))
    number = 1
    for piece in pl.scan_lines(file, name="line").collect_batches(chunk_size=PIECE_ROWS, maintain_order=True):
        yield _numbered(piece.lazy(), number).collect()
        number += piece.height


def _most_unpacked(file: Path) -> int:
    """The most bytes to which a file of zstd frames can unpack, by the headers of its blocks (RFC 8878)."""
    n_unpacked = 0
    with file.open("rb") as stream:
        while magic := stream.read(4):
            if int.from_bytes(magic, "little") in _ZSTD_SKIPPED:
                stream.seek(int.from_bytes(_exactly(stream, 4), "little"), os.SEEK_CUR)
            elif int.from_bytes(magic, "little") == _ZSTD_FRAME:
                n_unpacked += _most_in_frame(stream)
            else:
                raise OSError("not a zstd file")
    return n_unpacked


def _most_in_frame(stream: BinaryIO) -> int:
    descriptor = _exactly(stream, 1)[0]
    is_single_segment, has_checksum = bool(descriptor >> 5 & 1), bool(descriptor >> 2 & 1)
    n_size = (int(is_single_segment), 2, 4, 8)[descriptor >> 6]
    _exactly(stream, int(not is_single_segment) + (0, 1, 2, 4)[descriptor & 3] + n_size)
    n_unpacked, is_last = 0, False
    while not is_last:
        header = int.from_bytes(_exactly(stream, 3), "little")
        is_last, kind, n_bytes = bool(header & 1), header >> 1 & 3, header >> 3
        n_unpacked += _ZSTD_BLOCK_BYTES if kind == _ZSTD_COMPRESSED else n_bytes
        stream.seek(1 if kind == _ZSTD_RLE else n_bytes, os.SEEK_CUR)
    stream.seek(4 if has_checksum else 0, os.SEEK_CUR)
    return n_unpacked


def _exactly(stream: BinaryIO, n_bytes: int) -> bytes:
    read = stream.read(n_bytes)
    if len(read) < n_bytes:
        raise OSError("it ends too early")
    return read

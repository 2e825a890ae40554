"""Crawls of the simulated Hub as files in the Hub's listing shape, made once and kept in a folder.

    python -m benchmarks.crawls FOLDER 30000 300000

Each size, format and version of the simulation has a folder of its own with one file in it, as the source `files`
reads it.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import polars as pl

from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.service.pages import rendered
from mdi_pipeline.simulator.source import VERSION, DemoSource

DATE = DemoSource().dates()[-1]

MODELS_RENDERED = 200_000
"""Models whose JSON is held at once."""

COMPRESSION = 1
"""Least effort of gzip: what it costs to unpack hardly hangs on it."""


def parquet_crawl(cache: Path, size: int) -> Path:
    """The folder with the crawl of a size as Parquet; made where it is not there yet."""
    file = cache / f"{size}-parquet-{VERSION}" / f"{DATE}.parquet"
    if not file.exists():
        with _Staged(file) as staged:
            simulated_listing(size, 0, DATE).write_parquet(staged)
    return file.parent


def json_lines_crawl(cache: Path, size: int) -> Path:
    """The folder with the same crawl as gzipped JSON lines; made where it is not there yet."""
    file = cache / f"{size}-json-lines-{VERSION}" / f"{DATE}.jsonl.gz"
    if not file.exists():
        listing = pl.scan_parquet(parquet_crawl(cache, size) / f"{DATE}.parquet")
        with _Staged(file) as staged, gzip.open(staged, "wb", COMPRESSION) as opened:
            for start in range(0, size, MODELS_RENDERED):
                lines = rendered(listing.slice(start, MODELS_RENDERED).collect())["line"]
                opened.write(("\n".join(lines) + "\n").encode())
    return file.parent


class _Staged:
    """A file is written beside its place, and put there when it is whole."""

    def __init__(self, file: Path) -> None:
        self._file, self._aside = file, file.with_name(f".{file.name}")

    def __enter__(self) -> Path:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        return self._aside

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._aside.replace(self._file)


CRAWLS = {"parquet": parquet_crawl, "json-lines": json_lines_crawl}
"""The formats, and what makes a crawl in each."""


def main() -> None:
    cache = Path(sys.argv[1])
    for size in sys.argv[2:]:
        for make in CRAWLS.values():
            [file] = make(cache, int(size)).iterdir()
            print(f"{file}  {file.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()

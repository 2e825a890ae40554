"""Digests of whole tables, against writing the same tables and against the row hashes of Polars.

    python -m benchmarks.digest --size 3000000 --rounds 5

The tables are those of a simulated crawl, made in a process of their own and read back from Parquet. Contenders take
turns within each round in one process, so that what else the machine does meets all of them; the ratio of their medians
is what counts. CPU seconds are of all threads; the extra peak is the most memory that was held beyond the table itself.
First, and on one thread, what the hash functions of the standard library do a second of CPU time.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks.watching import RESET_PEAK
from mdi_pipeline.compute.digest import column_digests
from mdi_pipeline.hub.crawl import take_crawl
from mdi_pipeline.lake.store import COMPRESSION_LEVEL
from mdi_pipeline.lineage.nodes import network_models
from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline.tables.catalogue import TABLES

OURS = "column_digests"
HASHES = ("sha256", "sha1", "blake2b", "blake2s", "sha512", "sha3_256", "md5")
HASHED_BYTES = 1 << 26
BENCHMARKED = ("models", "model_snapshots")
BYTES_PER_KILOBYTE = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description="Digests of whole tables.")
    parser.add_argument("--size", type=int, default=3_000_000, help="models of the crawl; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each contender; the median counts")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make:
        _make(arguments.size, Path(arguments.make))
        return
    print("| hash | GB a CPU second |\n|---|--:|")
    for name in HASHES:
        print(f"| {name} | {_gigabytes_a_second(name, arguments.rounds):.2f} |")
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own, so that its memory is given back.
        command = [sys.executable, "-m", "benchmarks.digest", "--size", str(arguments.size), "--make", folder]
        subprocess.run(command, check=True)
        for table in BENCHMARKED:
            print(_compare(table, Path(folder), arguments.rounds), flush=True)


def _make(size: int, folder: Path) -> None:
    """Writes the tables of a simulated crawl."""
    source = DemoSource(size)
    crawl = take_crawl(source, source.dates()[-1], folder, previous_crawl_date=None, now=lambda: datetime.now(UTC))
    snapshots = TABLES["model_snapshots"].conform(crawl.models)
    snapshots.write_parquet(folder / "model_snapshots.parquet")
    models = network_models(snapshots.lazy(), parse_lineage(snapshots.lazy()).edges)
    TABLES["models"].conform(models).write_parquet(folder / "models.parquet")


def _gigabytes_a_second(name: str, rounds: int) -> float:
    content = bytes(HASHED_BYTES)
    seconds = []
    for _ in range(rounds):
        began = time.thread_time()
        hashlib.new(name, content)
        seconds.append(time.thread_time() - began)
    return HASHED_BYTES / statistics.median(seconds) / 1e9


def _compare(table: str, folder: Path, rounds: int) -> str:
    frame = pl.read_parquet(folder / f"{table}.parquet")
    contenders: dict[str, Callable[[], object]] = {
        OURS: lambda: column_digests(frame),
        "hash_rows": frame.hash_rows,
        "write_parquet, zstd": lambda: frame.write_parquet(
            folder / "written.parquet", compression="zstd", compression_level=COMPRESSION_LEVEL
        ),
    }
    runs: dict[str, list[tuple[float, float, float]]] = {contender: [] for contender in contenders}
    for _ in range(rounds):
        for contender, work in contenders.items():
            runs[contender].append(_measure(work))
    lines = [
        f"\n### `{table}`: {frame.height:,} rows, {frame.width} columns, {frame.estimated_size() / 1e6:,.0f} MB\n",
        f"| contender | seconds, median | times {OURS} | CPU seconds | extra peak, MB |",
        "|---|--:|--:|--:|--:|",
    ]
    base = statistics.median(seconds for seconds, _, _ in runs[OURS])
    for contender, measured in runs.items():
        seconds, cpu_seconds, extra = (statistics.median(each) for each in zip(*measured, strict=True))
        lines.append(f"| {contender} | {seconds:.2f} | {seconds / base:.2f} | {cpu_seconds:.2f} | {extra / 1e6:,.0f} |")
    return "\n".join(lines)


def _measure(work: Callable[[], object]) -> tuple[float, float, float]:
    """Seconds, CPU seconds, and the bytes held at the peak beyond those held before."""
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    held = _memory("VmRSS")
    cpu_began, began = time.process_time(), time.perf_counter()
    work()
    return time.perf_counter() - began, time.process_time() - cpu_began, _memory("VmHWM") - held


def _memory(kind: str) -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(kind))
    return int(line.split()[1]) * BYTES_PER_KILOBYTE


if __name__ == "__main__":
    main()

"""The disruption kernel and its peers on the same graphs: medians, ratios, peak memory, agreement.

    python -m benchmarks.disruption --graphs uniform hubs --rounds 3

Needs the extra `bench`. Every measurement runs in a process of its own, contenders by turns within each round, and
times from frames in memory to a frame in memory; what this project needs to compile or to load its compiled code
is reported apart. Peak memory is that of the whole process, input and libraries included; the first row, which
only reads the input, says how much of it that is. CPU seconds say what a run costs where other work shares the
machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.contenders import COMPILED, CONTENDERS, JOINS, KERNEL_ALONE, kernel_alone
from benchmarks.graphs import GRAPHS

OURS = "this project"
INPUT_ONLY = "reading the input"
JOIN_LIMIT = 150_000_000
"""Joins are left out where they would make more rows than this: they would not fit in memory."""
MEGABYTES_PER_KILOBYTE = 1 / 1024


@dataclass
class Measured:
    """The runs of a contender on a graph."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    compile_seconds: list[float] = field(default_factory=list)
    agreement: str = ""
    failure: str = ""


def main() -> None:
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(_measure(arguments.measure, Path(arguments.folder), arguments.window)))
        return
    if arguments.make:
        print(json.dumps(_make(arguments.make, Path(arguments.folder))))
        return
    for name in arguments.graphs:
        with tempfile.TemporaryDirectory() as folder:
            print(_table(_compare(name, Path(folder), arguments)), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The disruption kernel and its peers on the same graphs.")
    parser.add_argument("--graphs", nargs="+", choices=GRAPHS, default=list(GRAPHS), help="default: all")
    parser.add_argument(
        "--contenders",
        nargs="+",
        choices=[*CONTENDERS, KERNEL_ALONE],
        default=[KERNEL_ALONE, *CONTENDERS],
        help="default: all",
    )
    parser.add_argument("--rounds", type=int, default=5, help="runs of each contender; the median counts")
    parser.add_argument("--timeout", type=int, default=900, help="seconds after which a run is given up")
    for internal in ("--make", "--measure", "--folder"):
        parser.add_argument(internal, help=argparse.SUPPRESS)
    parser.add_argument("--window", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _compare(name: str, folder: Path, arguments: argparse.Namespace) -> dict[str, Measured]:
    # In a process of its own: a child's peak memory is never less than what its parent held when it began.
    command = [sys.executable, "-m", "benchmarks.disruption", "--make", name, "--folder", str(folder)]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    facts: dict[str, int] = json.loads(made.stdout)
    join_rows = facts.pop("join_rows")
    print("\n### {}: {}; {edges:,} edges, largest in-degree {largest:,}\n".format(name, GRAPHS[name].meaning, **facts))

    runs = {contender: Measured() for contender in [INPUT_ONLY, OURS, *arguments.contenders]}
    for _ in range(arguments.rounds):
        for contender, run in runs.items():
            if run.failure:
                continue
            if contender in JOINS and join_rows > JOIN_LIMIT:
                run.failure = f"left out: would join {join_rows:,} rows"
                continue
            _run(contender, run, folder, GRAPHS[name].window, arguments.timeout)
    for contender, run in runs.items():
        if contender != OURS and _result(folder, contender).is_file():
            run.agreement = _agreement(folder, contender)
    return runs


def _make(name: str, folder: Path) -> dict[str, int]:
    """Writes the graph, and says how large it is."""
    edges, models = GRAPHS[name].make()
    edges.write_parquet(folder / "edges.parquet")
    models.write_parquet(folder / "models.parquet")
    in_degrees = edges.group_by("parent").agg(n=pl.len().cast(pl.Int64))["n"].to_numpy()
    return {"edges": len(edges), "largest": int(in_degrees.max()), "join_rows": int((in_degrees**2).sum())}


def _run(contender: str, run: Measured, folder: Path, window: int, timeout: int) -> None:
    command = [sys.executable, "-m", "benchmarks.disruption", "--measure", contender]
    command += ["--folder", str(folder), "--window", str(window)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True)
    except subprocess.TimeoutExpired:
        run.failure = f"given up after {timeout} s"
    except subprocess.CalledProcessError as error:
        run.failure = (error.stderr.strip().splitlines() or [f"ended with {error.returncode}"])[-1]
    else:
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        run.seconds.append(result["seconds"])
        run.cpu_seconds.append(result["cpu_seconds"])
        run.megabytes.append(result["megabytes"])
        run.compile_seconds += result["compile_seconds"]


def _measure(contender: str, folder: Path, window: int) -> dict[str, Any]:
    """One run, in this process."""
    edges, models = (pl.read_parquet(folder / f"{table}.parquet") for table in ("edges", "models"))
    compile_seconds: list[float] = []
    if contender in COMPILED:
        began = time.perf_counter()
        CONTENDERS[contender](edges.head(2), models, window)  # few models would be numbered in another way
        compile_seconds.append(time.perf_counter() - began)
    if contender == KERNEL_ALONE:
        work = kernel_alone(edges, models, window)
    else:
        work = partial(CONTENDERS[contender], edges, models, window) if contender != INPUT_ONLY else pl.DataFrame
    cpu_began, began = time.process_time(), time.perf_counter()
    scores = work()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MEGABYTES_PER_KILOBYTE
    if "cd" in scores.columns:
        scores.select("id", "cd").sort("id").write_parquet(_result(folder, contender))
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "megabytes": peak, "compile_seconds": compile_seconds}


def _result(folder: Path, contender: str) -> Path:
    return folder / f"{contender.replace(' ', '-')}.result.parquet"


def _agreement(folder: Path, contender: str) -> str:
    ours, theirs = (pl.read_parquet(_result(folder, name))["cd"] for name in (OURS, contender))
    undefined_alike = (ours.is_null() == theirs.is_null()).all()
    worst = (ours - theirs).abs().max() or 0.0
    if undefined_alike and isinstance(worst, float) and worst < 1e-9:
        return "yes"
    differ = ((ours.is_null() != theirs.is_null()) | ((ours - theirs).abs() >= 1e-9).fill_null(False)).sum()
    return f"NO: {differ:,} nodes differ"


def _table(runs: dict[str, Measured]) -> str:
    base = statistics.median(runs[OURS].seconds) if runs[OURS].seconds else None
    rows = [
        "| contender | seconds, median | times this project's | CPU seconds | peak MB | same `cd` |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for contender, run in runs.items():
        if run.failure or not run.seconds:
            rows.append(f"| {contender} | {run.failure or 'not run'} | | | | |")
            continue
        median = statistics.median(run.seconds)
        ratio = f"{median / base:.1f}" if base and contender != INPUT_ONLY else ""
        cpu, peak = statistics.median(run.cpu_seconds), statistics.median(run.megabytes)
        rows.append(f"| {contender} | {median:.3f} | {ratio} | {cpu:.2f} | {peak:,.0f} | {run.agreement} |")
    if runs[OURS].compile_seconds:
        loaded = statistics.median(runs[OURS].compile_seconds)
        first = max(runs[OURS].compile_seconds)
        rows.append(f"\nBefore that, to load compiled code: {loaded:.2f} s (at most {first:.2f} s, when it compiled).")
    return "\n".join(rows)


if __name__ == "__main__":
    main()

"""The whole pipeline on crawls of several sizes: time, CPU time and peak memory of each asset and in all.

    python -m benchmarks.pipeline FOLDER --sizes 30000 300000 3000000 --sources parquet json-lines demo

Runs `mdi run` as anyone would, in a process of its own, and watches it from outside; when each asset began and
ended stands in the home's own event log. Then the same run again, with nothing changed, and the commands that look
at the result. FOLDER keeps the crawls, and what was measured of each: what is not asked for again is not measured
again, and the tables, which are Markdown, are of all that is there. `--figure FILE` draws how time grows with size.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.crawls import CRAWLS, DATE
from benchmarks.pipeline_tables import figure, tables
from benchmarks.watching import watch

MDI = str(Path(sys.executable).with_name("mdi"))
LOOKS = 3
"""How often a command that looks at the result is timed; the median counts."""
WARM_UP = "2000"
"""Models of a run before the first: it compiles what is compiled once in an installation."""

Measured = dict[str, Any]


def main() -> None:
    arguments = _arguments()
    results: Path = arguments.folder / "measured"
    results.mkdir(parents=True, exist_ok=True)
    if arguments.sizes:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as home:
            watch([MDI, "run", "--home", home, "--size", WARM_UP], arguments.folder / "run.log")
    for size in arguments.sizes:
        for source in arguments.sources:
            measured = _measure(arguments.folder, size, source)
            (results / f"{size}-{source}.json").write_text(json.dumps(measured, indent=1))
            print(f"{size:,} models, {source}: {measured['run']['seconds']:.1f} s", file=sys.stderr, flush=True)
    found = [json.loads(file.read_text()) for file in results.iterdir()]
    print(tables(found))
    if arguments.figure:
        figure(found, arguments.figure)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The whole pipeline on crawls of several sizes.")
    parser.add_argument("folder", type=Path, help="keeps the crawls and what was measured")
    parser.add_argument("--sizes", nargs="+", type=int, default=[], help="measure these; default: print what is there")
    parser.add_argument("--sources", nargs="+", choices=[*CRAWLS, "demo"], default=[*CRAWLS, "demo"])
    parser.add_argument("--figure", type=Path, help="where the picture goes (.svg or .png)")
    return parser.parse_args()


def _measure(folder: Path, size: int, source: str) -> Measured:
    """One size from one source: the run, the run again, and looking at what came out."""
    if source == "demo":
        wanted = ["--source", "demo", "--size", str(size)]
    else:
        wanted = ["--source", "files", "--path", str(CRAWLS[source](folder, size))]
    log = folder / "run.log"
    with tempfile.TemporaryDirectory(dir=folder) as name:
        home = Path(name)
        command = [MDI, "run", "--home", name, "--crawl-date", str(DATE), *wanted]
        run = watch(command, log)
        times = _step_times(home)
        again = watch(command, log)
        return {
            "size": size,
            "source": source,
            "run": asdict(run.whole()),
            "report_after": next(end for step, _, end in times if step == "report") - run.moments[0],
            "assets": {step: asdict(run.between(start, end)) for step, start, end in times},
            "again": asdict(again.whole()),
            "show": _look([MDI, "show", "--home", name, _most_built_upon(home)], log),
            "top": _look([MDI, "top", "--home", name], log),
            "lake_bytes": _bytes(home / "lake"),
            "table_bytes": {table.name: _bytes(table) for table in (home / "lake").iterdir()},
            "report_bytes": (home / "reports" / str(DATE) / "report.html").stat().st_size,
        }


def _step_times(home: Path) -> list[tuple[str, float, float]]:
    """Each step with its start and its end; in a process of its own, since it takes Dagster to read the log."""
    command = [sys.executable, "-m", "benchmarks.step_times", str(home)]
    return [tuple(times) for times in json.loads(subprocess.check_output(command, text=True))]


def _look(command: list[str], log: Path) -> dict[str, float]:
    """What a command takes, the median of some tries."""
    tries = [watch(command, log).whole() for _ in range(LOOKS)]
    names = ("seconds", "cpu_seconds", "gigabytes")
    return {name: statistics.median(getattr(used, name) for used in tries) for name in names}


def _most_built_upon(home: Path) -> str:
    """The model with most children: the one that takes longest to show."""
    import polars as pl

    models = pl.scan_parquet(home / "lake" / "models" / f"crawl_date={DATE}" / "part-0.parquet")
    return str(models.select("model_id", "n_children").top_k(1, by="n_children").collect()["model_id"].item())


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()

"""`mdi score`: the indices of any temporal graph, from files to a file."""

from __future__ import annotations

from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mdi_pipeline.cli.console import console, errors, percent
from mdi_pipeline.disruption.run import ScoreRun, score_files


def score_and_tell(edges: Path, models: Path, out: Path, window: int | None) -> None:
    """Score, with a bar while it lasts, and say what went in and what came out."""
    columns = (TextColumn("scoring"), BarColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        run = score_files(edges, models, out, window, lambda share: bar.update(task, completed=share))
    for line in _summary(run):
        console.print(line)
    console.print(f"scores  {out}", soft_wrap=True)


def _summary(run: ScoreRun) -> list[str]:
    asides = {
        "repeated edges count once": run.n_duplicates,
        "loops are no edges": run.n_loops,
        "children are older than their parent, so in no window": run.n_time_reversed,
        "parents or children are not among the models: stubs without a time": run.n_stubs,
    }
    shares = {
        "negative": run.share_negative,
        "zero": run.share_zero,
        "positive": run.share_positive,
        "undefined": run.share_undefined,
    }
    return [
        f"{run.n_models:,} models, {run.n_edges:,} edges",
        *(f"  {count:,} {what}" for what, count in asides.items() if count),
        "mdi     " + ", ".join(f"{name} {percent(share)}" for name, share in shares.items()),
    ]

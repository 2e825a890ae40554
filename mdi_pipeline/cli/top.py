"""`mdi top`: rankings from the lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import typer
from rich.table import Table

from mdi_pipeline.cli.console import cell, complain, console, number
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.window import headline_window
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.statistics.ranking import most_built_upon, rank_by_column, rank_by_index
from mdi_pipeline.tables.vocabulary import INDICES

ATTENTION = ("n_children", "n_descendants", "pagerank", "downloads", "likes")
"""What models can be ranked by besides the indices."""


@dataclass(frozen=True)
class Ranking:
    """What to rank by, which models, and how many."""

    by: str = "mdi"
    relation: str | None = None
    task: str | None = None
    min_n: int = 10
    limit: int = 10


def show_ranking(home_path: Path | None, wanted: Ranking, crawl_date: date | None) -> None:
    """Print a ranking of a crawl date, the newest one where none is named."""
    home = Home.at(home_path)
    if wanted.by not in (*INDICES, *ATTENTION):
        complain(f"no ranking by {wanted.by!r}; there are {', '.join((*INDICES, *ATTENTION))}")
        raise typer.Exit(1)
    chosen = crawl_date or newest(home)
    window = headline_window(home, chosen)
    console.print(f"{chosen}, window of {window} days", style="bold")
    print_ranking(home, wanted, chosen, window)


def newest(home: Home) -> date:
    """The newest crawl date with scores. Raises `LakeError` where there is none."""
    dates = home.lake.dates("disruption_scores")
    if not dates:
        raise LakeError(f"{home.path} holds no scores yet. Make some: mdi run")
    return dates[-1]


def print_ranking(home: Home, wanted: Ranking, crawl_date: date, window_days: int) -> None:
    """Print a ranking, and apart from it the roots most built upon."""
    lake = home.lake
    scores = lake.scan("disruption_scores", crawl_date).filter(window_days=window_days)
    models, structure = lake.scan("models", crawl_date), lake.scan("network_structure", crawl_date)
    chosen = models.filter(
        *([pl.col("relation") == wanted.relation] if wanted.relation else []),
        *([pl.col("pipeline_tag") == wanted.task] if wanted.task else []),
    )
    if wanted.by in INDICES:
        title = f"highest {wanted.by}, of models with at least {wanted.min_n} in its denominator"
        scored = scores.filter(status="scored")
        if wanted.relation or wanted.task:
            scored = scored.join(chosen, on="model_id", how="semi")
        ranked = rank_by_index(scored, models, wanted.by, min_n=wanted.min_n, limit=wanted.limit)
    else:
        title = f"highest {wanted.by}"
        placed = chosen.join(structure.select("model_id", "n_descendants", "pagerank"), on="model_id")
        ranked = rank_by_column(scores, placed, wanted.by, limit=wanted.limit)
    _print_models(title, ranked, wanted.by)
    _print_models(
        "roots most built upon (their index can only be +1 or undefined)",
        most_built_upon(models, structure, wanted.limit),
    )


def _print_models(title: str, ranked: pl.DataFrame, by: str | None = None) -> None:
    console.print(f"\n{title}")
    if ranked.is_empty():
        console.print("  none")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("model", overflow="fold", min_width=24)
    shown = [name for name in ranked.columns if name != "model_id"]
    for name in shown:
        table.add_column(
            name, justify="left" if name in {"relation", "task"} else "right", style="cyan" if name == by else None
        )
    for row in ranked.select("model_id", *shown).iter_rows():
        table.add_row(*map(_cell, row))
    console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return f"{value:,}" if isinstance(value, int) else cell(None if value is None else str(value))

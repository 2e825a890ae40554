"""`mdi show`: one model, where it comes from, what came of it, and how it scores."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from mdi_pipeline.cli.console import cell, console, number
from mdi_pipeline.compute.visible_text import visible
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.window import headline_window
from mdi_pipeline.lake.store import Lake, LakeError
from mdi_pipeline.tables.vocabulary import INDICES

MAX_RELATIVES = 8
"""How many parents and children the picture names; the others are counted."""

LIKE = 2 / 3
"""What part of a name, from its start, another must share to be offered in its place."""

MAX_SIMILAR = 200
"""How many of those, the ones most built upon, are compared letter by letter."""

Row = dict[str, Any]


def show_model(home_path: Path | None, model_id: str) -> None:
    """Print a model as its newest crawl has it, and its scores in all crawls and windows."""
    home = Home.at(home_path)
    lake = home.lake
    found = _over_crawls(lake, "models", model_id)
    if found.is_empty():
        raise LakeError(_not_found(lake, model_id))
    model = found.row(-1, named=True)
    crawl_date: date = model["crawl_date"]
    _print_facts(model, first_seen=found["crawl_date"][0])
    console.print(_picture(lake, crawl_date, model))
    _print_scores(home, model_id)


def _over_crawls(lake: Lake, table: str, model_id: str) -> pl.DataFrame:
    """The rows of a model in all crawls, oldest first; a column that only some crawls have is null in the others.

    Not by `Lake.history`, which has every column there should be: to know them takes longer to import than to look up.
    """
    crawls = [
        lake.scan(table, crawl_date).filter(model_id=model_id).with_columns(crawl_date=pl.lit(crawl_date))
        for crawl_date in lake.dates(table)
    ]
    if not crawls:
        raise LakeError(f"{lake.root} holds no {table} yet. Make some: mdi run")
    return pl.concat(crawls, how="diagonal").collect()


def _not_found(lake: Lake, model_id: str) -> str:
    newest = lake.dates("models")[-1]
    name = model_id.rsplit("/", maxsplit=1)[-1].lower()
    stem = name[: round(LIKE * len(name))]
    similar = (
        lake.scan("models", newest)
        .filter(pl.col("model_id").str.to_lowercase().str.contains(stem, literal=True))
        .sort("n_children", "model_id", descending=[True, False])
        .head(MAX_SIMILAR)
        .collect()["model_id"]
        .to_list()
    )
    near = get_close_matches(model_id, similar, n=3, cutoff=0.0)
    hint = f" There is {', '.join(map(cell, near))}." if near else ""
    return f"no crawl in this home knows {cell(model_id)}.{hint}"


def _print_facts(model: Row, first_seen: date) -> None:
    parameters = model.get("lineage_parameters")  # which crawls of an earlier version may lack
    facts = {
        "created": f"{model['created_at']:%Y-%m-%d %H:%M} UTC" if model["created_at"] else "unknown",
        "task": cell(model["pipeline_tag"]) if model["pipeline_tag"] else None,
        "derives by": model["relation"],
        "parameters": f"{parameters:,}" if parameters else None,
        "parents": model["n_parents"],
        "children": f"{model['n_children']:,}",
        "downloads": f"{model['downloads']:,}" if model["downloads"] is not None else None,
        "likes": f"{model['likes']:,}" if model["likes"] is not None else None,
        "in crawls": f"{first_seen} to {model['crawl_date']}",
    }
    kind = "" if model["in_snapshot"] else "  (a stub: known by name only, as a parent)"
    console.print(Text(visible(model["model_id"]), "bold").append(kind, "dim"), soft_wrap=True)
    console.print("  ".join(f"{name} {value}" for name, value in facts.items() if value is not None), soft_wrap=True)


def _picture(lake: Lake, crawl_date: date, model: Row) -> Tree:
    """The parents, the model below them, and its children below it."""
    model_id = model["model_id"]
    edges = lake.scan("lineage_edges", crawl_date)
    sizes = lake.scan("models", crawl_date).select("model_id", "n_children")
    parents = _relatives(edges.filter(child_id=model_id), "parent_id", sizes)
    children = _relatives(edges.filter(parent_id=model_id), "child_id", sizes)
    above = Text("\n").join([*(_label(row) for row in parents.head(MAX_RELATIVES).iter_rows(named=True))])
    if parents.height > MAX_RELATIVES:
        above.append(f"\n… and {parents.height - MAX_RELATIVES:,} more parents", "dim")
    tree = Tree(above if parents.height else Text("a root: it names no parent", "dim"))
    focal = tree.add(Text(cell(model_id), "bold"))
    for row in children.head(MAX_RELATIVES).iter_rows(named=True):
        focal.add(_label(row))
    if children.height > MAX_RELATIVES:
        focal.add(Text(f"… and {children.height - MAX_RELATIVES:,} more children", "dim"))
    siblings = edges.filter(pl.col("parent_id").is_in(parents["relative"].implode()), pl.col("child_id") != model_id)
    n_siblings = siblings.select(pl.col("child_id").n_unique()).collect().item()
    if n_siblings:
        tree.add(Text(f"… beside {n_siblings:,} other children of these parents", "dim"))
    return tree


def _relatives(edges: pl.LazyFrame, column: str, sizes: pl.LazyFrame) -> pl.DataFrame:
    """The models at the other end of some edges, those with most children first."""
    relatives = edges.select(relative=column, relation="relation").collect()
    # By name, so that a few parts of the file are read and not all of it.
    known = sizes.filter(pl.col("model_id").is_in(relatives["relative"].implode())).collect()
    joined = relatives.join(known, left_on="relative", right_on="model_id", how="left")
    return joined.sort("n_children", "relative", descending=[True, False])


def _label(row: Row) -> Text:
    label = Text(cell(row["relative"])).append(f"  {row['relation']}", "cyan")
    return label.append(f"  {row['n_children']:,} children", "dim") if row["n_children"] else label


def _print_scores(home: Home, model_id: str) -> None:
    """The newest crawl over all windows, then the headline's window of that crawl over the earlier ones."""
    scores = _over_crawls(home.lake, "disruption_scores", model_id)
    if scores.is_empty():
        return
    newest: date = scores["crawl_date"][-1]
    is_newest, is_headline = pl.col("crawl_date") == newest, pl.col("window_days") == headline_window(home, newest)
    _print_table("over windows", scores.filter(is_newest).sort("window_days"))
    _print_table("over crawls", scores.filter(~is_newest, is_headline).sort("crawl_date", descending=True))


def _print_table(title: str, scores: pl.DataFrame) -> None:
    if scores.is_empty():
        return
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column("crawl date", no_wrap=True)
    for name in ("window", "n_i", "n_j", "n_k", *INDICES, "percentile"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for row in scores.iter_rows(named=True):
        table.add_row(
            str(row["crawl_date"]),
            f"{row['window_days']} d",
            *(f"{row[count]:,}" for count in ("n_i", "n_j", "n_k")),
            *(number(row[index]) for index in INDICES),
            "-" if row["percentile"] is None else f"{row['percentile']:.0f}",
            row["status"],
        )
    console.print(table)

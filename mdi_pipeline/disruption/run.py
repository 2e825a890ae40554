"""Disruption indices of any temporal graph, from frames or files: what `mdi score` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mdi_pipeline.disruption.counts import graph_counts
from mdi_pipeline.disruption.errors import FileError, GraphError
from mdi_pipeline.disruption.files import read_columns, require_suffix, write_table
from mdi_pipeline.disruption.formulas import indices
from mdi_pipeline.disruption.graph import TemporalGraph, temporal_graph
from mdi_pipeline.disruption.text import typed_ids, typed_times

MIN_KNOWN = 0.01
"""Where fewer of the edges' ends are among the models, ids are written otherwise here than there."""

COLUMNS = ("id", "n_parents", "n_children", "n_i", "n_j", "n_k", "mdi", "cd", "cd_nok", "mcd", "di5", "dep")


@dataclass(frozen=True)
class ScoreRun:
    """What went into a run of scoring and what came out.

    Edges are counted as they came, then the duplicates and loops that were dropped and, of those kept, the
    `n_time_reversed` whose child is older than the parent. Stubs are parents and children that are not among
    the models. Shares are of all models and stubs, by their `mdi`; they are 0 where there are none.
    """

    n_models: int
    n_edges: int
    n_duplicates: int
    n_loops: int
    n_stubs: int
    n_time_reversed: int
    share_negative: float
    share_zero: float
    share_positive: float
    share_undefined: float


def score_graph(edges: pl.DataFrame, models: pl.DataFrame, window: int | None = 90) -> pl.DataFrame:
    """Counts and indices of every model and stub.

    `edges` has the columns `child` and `parent`, `models` has `id` and `created_at`; `window` is a number of
    days, for integer times of their unit, or None for all that comes later. Types, stubs and row order are
    those of `disruption_counts`, formulas those of `indices`.

    Returns `id, n_parents, n_children, n_i, n_j, n_k, mdi, cd, cd_nok, mcd, di5, dep`, null where undefined.
    Raises `GraphError` where the frames do not make a graph, or hardly any end of an edge is among the models.
    """
    return _scores(_graph(edges, models), window)


def score_files(
    edges_path: Path,
    models_path: Path,
    out_path: Path,
    window: int | None = 90,
    progress: Callable[[float], None] | None = None,
) -> ScoreRun:
    """As `score_graph`, from Parquet or CSV files to a Parquet or CSV file, which appears whole or not at all.

    In CSV, ids are integers where all of both files are whole numbers, else text; times are integers, ISO
    dates or ISO datetimes, all of one kind, and empty where unknown; blanks around either do not count, nor do blank
    lines. `progress` hears the share of the
    counting that is done. Raises `GraphError`, or its kind `FileError`, with a line that says what is wrong.
    """
    require_suffix(out_path)
    if out_path.resolve() in (edges_path.resolve(), models_path.resolve()):
        raise FileError(f"{out_path}: the scores would overwrite what they are made from")
    if not out_path.parent.is_dir():
        raise FileError(f"{out_path}: there is no folder {out_path.parent}")
    graph = _graph(*_read(edges_path, models_path))
    scores = _scores(graph, window, progress)
    write_table(scores, out_path)
    return _summary(graph, scores)


def _graph(edges: pl.DataFrame, models: pl.DataFrame) -> TemporalGraph:
    graph = temporal_graph(edges, models, child="child", parent="parent", id="id", created_at="created_at")
    if graph.n_known_ends < MIN_KNOWN * 2 * graph.n_edges:
        one = f"a model is {models['id'][0]!r}" if len(models) else "there are no models"
        raise GraphError(
            f"of the {2 * graph.n_edges:,} ends of the edges {graph.n_known_ends:,} are among the models: an end is "
            f"{graph.ids[len(models)]!r}, {one}. Write the ids of both alike"
        )
    return graph


def _scores(graph: TemporalGraph, window: int | None, progress: Callable[[float], None] | None = None) -> pl.DataFrame:
    # Not `select`: for columns alone it copies every one of them.
    return indices(graph_counts(graph, [window], progress))[list(COLUMNS)]


def _read(edges_path: Path, models_path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    edges = read_columns(edges_path, "child", "parent")
    models = read_columns(models_path, "id", "created_at", may_lack=("created_at",))
    if models_path.suffix == ".csv":
        models = models.with_columns(typed_times(models["created_at"]))
    ends = [edges["child"], edges["parent"]]
    if edges_path.suffix == models_path.suffix == ".csv":
        *ends, ids = typed_ids(*ends, models["id"])
        models = models.with_columns(ids)
    elif models_path.suffix == ".csv" and ends[0].dtype.is_integer():
        models = models.with_columns(*typed_ids(models["id"]))
    elif edges_path.suffix == ".csv" and models["id"].dtype.is_integer():
        ends = typed_ids(*ends)
    return edges.with_columns(ends), models


def _summary(graph: TemporalGraph, scores: pl.DataFrame) -> ScoreRun:
    mdi, n_scores = scores["mdi"], max(len(scores), 1)
    return ScoreRun(
        n_models=len(scores) - graph.n_stubs,
        n_edges=graph.n_edges,
        n_duplicates=graph.n_duplicates,
        n_loops=graph.n_loops,
        n_stubs=graph.n_stubs,
        n_time_reversed=graph.n_time_reversed(),
        share_negative=int((mdi < 0).sum()) / n_scores,
        share_zero=int((mdi == 0).sum()) / n_scores,
        share_positive=int((mdi > 0).sum()) / n_scores,
        share_undefined=mdi.null_count() / n_scores,
    )

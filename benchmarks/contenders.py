"""Ways of computing the CD index: each takes edges, models and a window, and returns `id` and `cd`.

The peers compute `cd` alone, which is what they are asked for; this project's kernel computes all counts
and indices every time.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import polars as pl

Contender = Callable[[pl.DataFrame, pl.DataFrame, int], pl.DataFrame]


def this_project(edges: pl.DataFrame, models: pl.DataFrame, window: int) -> pl.DataFrame:
    from mdi_pipeline.disruption.run import score_graph

    return score_graph(edges, models, window)


def five_windows(edges: pl.DataFrame, models: pl.DataFrame, window: int) -> pl.DataFrame:
    """All indices for windows of 1/3, 2/3, 1, 2 and 4 times the length: 30, 60, 90, 180 and 360 days.

    What comes back is the part of the one length, which comes first: to filter for it would be timed as well.
    """
    from mdi_pipeline.disruption.counts import disruption_counts
    from mdi_pipeline.disruption.formulas import indices

    windows = [window, window // 3, window * 2 // 3, window * 2, window * 4]
    scores = indices(disruption_counts(edges, models, windows))
    return scores.head(scores.height // len(windows))


def kernel_alone(edges: pl.DataFrame, models: pl.DataFrame, window: int) -> Callable[[], pl.DataFrame]:
    """What the kernel has to do once nodes are numbered and lists are sorted: from arrays to counts."""
    from mdi_pipeline.disruption.counts import kernel_windows
    from mdi_pipeline.disruption.graph import temporal_graph
    from mdi_pipeline.disruption.kernel import count_all

    def prepared(n_edges: int) -> Callable[[], pl.DataFrame]:
        graph = temporal_graph(
            edges.head(n_edges), models, child="child", parent="parent", id="id", created_at="created_at"
        )
        windows = kernel_windows(graph, [window])
        return lambda: pl.DataFrame({"read": count_all(graph.family, windows)[1]})

    prepared(2)()  # loads the compiled code
    return prepared(len(edges))


def _package(name: str) -> Contender:
    def compute(edges: pl.DataFrame, models: pl.DataFrame, window: int) -> pl.DataFrame:
        package: Any = importlib.import_module(name)
        graph = package.Graph()
        ids = models["id"].to_list()
        for node, created_at in zip(ids, models["created_at"].to_list(), strict=True):
            graph.add_vertex(node, created_at)
        for child, parent in zip(edges["child"].to_list(), edges["parent"].to_list(), strict=True):
            graph.add_edge(child, parent)
        if hasattr(graph, "prepare_for_searching"):
            graph.prepare_for_searching()
        cd = [graph.cdindex(node, window) for node in ids]
        return pl.DataFrame({"id": models["id"], "cd": pl.Series(cd, dtype=pl.Float64).fill_nan(None)})

    return compute


def polars_join(edges: pl.DataFrame, models: pl.DataFrame, window: int) -> pl.DataFrame:
    """The definition as joins."""
    times = models.lazy().rename({"created_at": "t"})
    dated = edges.lazy().join(times.rename({"id": "child"}), on="child")
    focal = times.rename({"id": "f", "t": "t_f"})
    inside = (pl.col("t") > pl.col("t_f")) & (pl.col("t") <= pl.col("t_f") + window)
    a = dated.rename({"parent": "f"}).join(focal, on="f").filter(inside).select("f", "child")
    b = (
        edges.lazy()
        .rename({"child": "f"})
        .join(focal, on="f")
        .join(dated, on="parent")
        .filter(inside)
        .select("f", "child")
        .unique()
    )
    either = a.with_columns(a=1).join(b.with_columns(b=1), on=["f", "child"], how="full", coalesce=True)
    sums = either.group_by("f").agg(
        cd=(pl.col("a").fill_null(0) * (1 - 2 * pl.col("b").fill_null(0))).sum() / pl.len(),
    )
    return models.lazy().select("id").join(sums, left_on="id", right_on="f", how="left").collect()


def duckdb_sql(edges: pl.DataFrame, models: pl.DataFrame, window: int) -> pl.DataFrame:
    """The definition as SQL."""
    query = """
        with dated as (select child, parent, created_at as t from edges join models on id = child),
        a as (select id as f, child, true as in_a from dated join models on id = parent
              where t > created_at and t <= created_at + $window),
        b as (select distinct focal.child as f, dated.child, true as in_b
              from dated as focal join dated using (parent) where dated.t > focal.t and dated.t <= focal.t + $window),
        sums as (select f, sum(case when in_a and in_b then -1 when in_a then 1 else 0 end) / count(*) as cd
                 from a full join b using (f, child) group by f)
        select id, cd from models left join sums on f = id
    """
    with duckdb.connect() as connection:
        connection.register("edges", {name: edges[name].to_numpy() for name in edges.columns})
        connection.register("models", {name: models[name].to_numpy() for name in models.columns})
        scores = connection.execute(query, {"window": window}).fetchnumpy()
    cd = pl.Series(np.ma.filled(scores["cd"], np.nan)).fill_nan(None)
    return pl.DataFrame({"id": scores["id"], "cd": cd})


CONTENDERS: dict[str, Contender] = {
    "this project": this_project,
    "five windows": five_windows,
    "xfast-cdindex": _package("xfast_cdindex"),
    "cdindex": _package("cdindex"),
    "Polars joins": polars_join,
    "DuckDB SQL": duckdb_sql,
}

COMPILED = ("this project", "five windows")
"""Those that compile, or load what they compiled, before they first run."""

KERNEL_ALONE = "its kernel alone"

JOINS = ("Polars joins", "DuckDB SQL")

"""Rankings of models, such that one child does not make a winner."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

COUNTS = ["n_i", "n_j", "n_k"]

DENOMINATORS: Mapping[str, pl.Expr] = {
    **dict.fromkeys(("mdi", "cd", "mcd"), pl.col("n_i") + pl.col("n_j") + pl.col("n_k")),
    **dict.fromkeys(("cd_nok", "dep"), pl.col("n_i") + pl.col("n_j")),
    "di5": pl.col("n_i") + pl.col("n_j5") + pl.col("n_k"),
}
"""How many models each index speaks of: its denominator."""


MINIMA = (10, 5, 3, 1)
"""Smallest denominators that a list asks for, so that one child does not make a winner: the first that any reaches."""


def rank_by_index(scored: pl.LazyFrame, models: pl.LazyFrame, index: str, *, min_n: int, limit: int) -> pl.DataFrame:
    """The models with the highest index, ties by n_i, then by id.

    `scored` has the scored models of one window, with their counts and indices, `models` their `relation` and
    `pipeline_tag`. Only models with at least `min_n` in the index's own denominator. Columns: `model_id`, the index,
    that denominator as `n`, the counts, `relation`, `task`.
    """
    highest = (
        scored.with_columns(n=DENOMINATORS[index])
        .filter(pl.col("n") >= min_n, pl.col(index).is_not_null())
        .sort(index, "n_i", "model_id", descending=[True, True, False])
        .head(limit)
        .select("model_id", index, "n", *COUNTS)
        .collect()
    )
    # By name, so that of the models no more is read than what is shown.
    shown = models.filter(pl.col("model_id").is_in(highest["model_id"].to_list()))
    known = shown.select("model_id", "relation", task="pipeline_tag").collect()
    return highest.join(known, on="model_id", how="left", maintain_order="left")


def rank_by_column(scores: pl.LazyFrame, models: pl.LazyFrame, column: str, *, limit: int) -> pl.DataFrame:
    """The models with most of a column of `models`, with their index beside it; ties by id."""
    return (
        models.filter(pl.col(column).is_not_null())
        .sort(column, "model_id", descending=[True, False])
        .head(limit)
        .join(scores.select("model_id", "mdi", *COUNTS), on="model_id", how="left", maintain_order="left")
        .select("model_id", column, "mdi", *COUNTS, "relation", task="pipeline_tag")
        .collect()
    )


def most_built_upon(models: pl.LazyFrame, structure: pl.LazyFrame, limit: int) -> pl.DataFrame:
    """The roots with most children, from `models` and `network_structure`; ties by id.

    Columns: `model_id`, `n_children`, `n_descendants`, `task`.
    """
    roots = (
        models.filter(pl.col("n_parents") == 0, pl.col("n_children") > 0)
        .sort("n_children", "model_id", descending=[True, False])
        .head(limit)
        .select("model_id", "n_children", task="pipeline_tag")
        .collect()
    )
    of_roots = structure.filter(pl.col("model_id").is_in(roots["model_id"].to_list())).select(
        "model_id", "n_descendants"
    )
    joined = roots.join(of_roots.collect(), on="model_id", how="left", maintain_order="left")
    return joined.select("model_id", "n_children", "n_descendants", "task")

"""Who stands around a model: its parents, and what followed within its window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

KINDS = ("n_i", "n_j", "n_k")
"""What follows a focal model: builds on it alone, on it and a parent of it, on a parent alone."""


@dataclass(frozen=True)
class Neighbourhood:
    """A focal model's parents and followers.

    `parents` has `model_id` and `n_children`, most children first; `followers` has `model_id`, `kind` (one
    of `KINDS`), `days` after the focal model and `n_children`, in order of time.
    """

    model_id: str
    window_days: int
    parents: pl.DataFrame
    followers: pl.DataFrame

    def count(self, kind: str) -> int:
        """How many followers are of that kind: the count of the same name in `disruption_scores`."""
        return self.followers.filter(pl.col("kind") == kind).height


def neighbourhoods(
    model_ids: list[str], models: pl.LazyFrame, edges: pl.DataFrame, window_days: int
) -> dict[str, Neighbourhood]:
    """The neighbourhood of each of those models; `models` and `edges` are whole tables."""
    focal = pl.DataFrame({"focal": model_ids}, schema={"focal": pl.String})
    parents = focal.join(edges.select(focal="child_id", model_id="parent_id"), on="focal")
    followers = _followers(focal, parents.rename({"model_id": "parent_id"}), edges)
    around = pl.concat([focal.rename({"focal": "model_id"}), parents.select("model_id"), followers.select("model_id")])
    known = (
        models.select("model_id", "created_at", "n_children")
        .join(around.unique().lazy(), on="model_id", how="semi")
        .collect()
    )
    parents, followers = parents.join(known, on="model_id"), _in_window(followers, known, window_days)
    return {
        model_id: Neighbourhood(
            model_id,
            window_days,
            parents.filter(pl.col("focal") == model_id)
            .select("model_id", "n_children")
            .sort(["n_children", "model_id"], descending=[True, False]),
            followers.filter(pl.col("focal") == model_id).drop("focal"),
        )
        for model_id in model_ids
    }


def _followers(focal: pl.DataFrame, parents: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """What derives from a focal model or a parent of it, whenever made: `focal`, `model_id`, `kind`."""
    pairs = edges.select("parent_id", model_id="child_id")
    upon_focal = focal.join(pairs, left_on="focal", right_on="parent_id").unique().with_columns(upon_focal=True)
    upon_parent = (
        parents.join(pairs, on="parent_id").select("focal", "model_id").unique().with_columns(upon_parent=True)
    )
    kind = (
        pl.when(pl.col("upon_parent").is_null())
        .then(pl.lit("n_i"))
        .when(pl.col("upon_focal").is_null())
        .then(pl.lit("n_k"))
        .otherwise(pl.lit("n_j"))
    )
    both = upon_focal.join(upon_parent, on=["focal", "model_id"], how="full", coalesce=True)
    return both.select("focal", "model_id", kind=kind)


def _in_window(followers: pl.DataFrame, known: pl.DataFrame, window_days: int) -> pl.DataFrame:
    """The followers made within the window of their focal model."""
    after = pl.col("created_at") - pl.col("born")
    return (
        followers.join(known, on="model_id")
        .join(known.select(focal="model_id", born="created_at"), on="focal")
        .filter(after > timedelta(0), after <= timedelta(days=window_days))
        .select(
            "focal",
            "model_id",
            "kind",
            (after.dt.total_seconds() / timedelta(days=1).total_seconds()).alias("days"),
            "n_children",
        )
        .sort("focal", "days", "model_id")
    )

"""The models at the top of each index, and the roots most built upon."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mdi_pipeline.tables.columns import INDICES

MINIMA = (10, 5, 3, 1)
"""Smallest denominators that a ranking asks for: the first that any model reaches."""

_DENOMINATORS: dict[str, pl.Expr] = {
    **dict.fromkeys(("mdi", "cd", "mcd"), pl.col("n_i") + pl.col("n_j") + pl.col("n_k")),
    **dict.fromkeys(("cd_nok", "dep"), pl.col("n_i") + pl.col("n_j")),
    "di5": pl.col("n_i") + pl.col("n_j5") + pl.col("n_k"),
}


@dataclass(frozen=True)
class Ranking:
    """The scored models with the highest value of an index.

    `models` has `model_id`, the counts, the index as `value`, its denominator `n`, and what `models` knows;
    `minimum` is the denominator that was asked for, `n_ranked` how many models reach it,
    `n_positive` how many of them are above 0.
    """

    index: str
    models: pl.DataFrame
    minimum: int
    n_ranked: int
    n_positive: int


def rankings(scores: pl.DataFrame, models: pl.DataFrame, n_shown: int) -> list[Ranking]:
    """The ranking by each index that has a scored model; ties by n_i, then by denominator, then by id.

    One child must not make a winner, so a model needs at least ten in the denominator. Where none has so
    many the minimum is lowered, step by step, and the ranking says to what.
    """
    scored = scores.filter(pl.col("status") == "scored")
    known = models.select("model_id", "relation", "pipeline_tag", "size_class", "n_children", "created_at")
    found = (_ranking(scored, known, index, n_shown) for index in INDICES)
    return [ranking for ranking in found if ranking is not None]


def _ranking(scored: pl.DataFrame, known: pl.DataFrame, index: str, n_shown: int) -> Ranking | None:
    defined = scored.filter(pl.col(index).is_not_null()).with_columns(
        pl.col(index).alias("value"), _DENOMINATORS[index].alias("n")
    )
    for minimum in MINIMA:
        enough = defined.filter(pl.col("n") >= minimum)
        if enough.height:
            best = enough.sort(["value", "n_i", "n", "model_id"], descending=[True, True, True, False]).head(n_shown)
            return Ranking(
                index,
                best.join(known, on="model_id", maintain_order="left"),
                minimum,
                enough.height,
                enough.filter(pl.col("value") > 0).height,
            )
    return None


def roots_most_built_upon(models: pl.DataFrame, structure: pl.DataFrame, n_shown: int) -> pl.DataFrame:
    """The roots with most children, ties by descendants: `model_id`, `n_children`, `n_descendants` and more.

    Roots have no index; what they are is counted instead.
    """
    return (
        models.filter(pl.col("n_parents") == 0, pl.col("n_children") > 0)
        .join(structure.select("model_id", "n_descendants", "component_size"), on="model_id")
        .sort(["n_children", "n_descendants", "model_id"], descending=[True, True, False])
        .head(n_shown)
    )

"""Which models a statistic speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.tables.columns import INDICES

if TYPE_CHECKING:
    from collections.abc import Mapping

_BUILT_UPON = pl.col("n_i") + pl.col("n_j") >= 1
_LLM = pl.col("is_llm")
_MERGE = (pl.col("relation") == "merge").fill_null(False)

POPULATION_FILTERS: Mapping[str, pl.Expr] = {
    "scored": pl.lit(True),
    "built_upon": _BUILT_UPON,
    "scored_llm": _LLM,
    "built_upon_llm": _BUILT_UPON & _LLM,
    "scored_merges": _MERGE,
    "built_upon_merges": _BUILT_UPON & _MERGE,
}
"""Each population of `tables.statistics.POPULATIONS` as a filter over `scored_models`.

`built_upon` are the models with a child in their window. Merges stand apart because several parents
change the index mechanically; the other populations hold them too.
"""


def scored_models(
    scores: pl.DataFrame | pl.LazyFrame, models: pl.DataFrame | pl.LazyFrame, window_days: int
) -> pl.DataFrame:
    """The models whose index counts in that window, each with what groups it, sorted by id.

    `scores` is a `disruption_scores`, `models` a `models` table; where lazy, no more is read than what comes out.
    Columns: `model_id`, `cluster` (the independent draw that the model belongs to: its author, or the model itself
    where no author is known), the indices, `n_i`, `n_j`, `n_k`, `is_llm`, `relation`, `size_class`, `pipeline_tag`,
    `n_parents`, `n_children`, `lineage_parameters`, `created_at`, `architecture`, `reports_benchmarks`,
    `author_models_before`, `author_quantized_before`, `main_parent`. Empty where no window of that length is closed.
    """
    scored = (
        scores.lazy()
        .filter(pl.col("status") == "scored", pl.col("window_days") == window_days)
        .select("model_id", "n_i", "n_j", "n_k", *INDICES)
    )
    known = models.lazy().select(
        "model_id",
        "is_llm",
        "relation",
        "size_class",
        "pipeline_tag",
        "n_parents",
        "n_children",
        "lineage_parameters",
        "created_at",
        "architecture",
        "reports_benchmarks",
        "author_models_before",
        "author_quantized_before",
        "main_parent",
        "author",
    )
    cluster = pl.coalesce(pl.lit("author ") + pl.col("author"), pl.lit("model ") + pl.col("model_id"))
    joined = scored.join(known, on="model_id", how="inner", validate="1:1").sort("model_id")
    return joined.with_columns(cluster=cluster).drop("author").collect()

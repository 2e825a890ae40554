"""Which models a statistic speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from mdi_pipeline.compute.id_lookup import places
from mdi_pipeline.lineage.authors import author_number
from mdi_pipeline.tables.vocabulary import INDICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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

ALWAYS_KNOWN = ("is_llm", "relation")
"""What of the models tells the populations apart."""

COMPARED = (
    "model_id",
    "created_at",
    "pipeline_tag",
    "size_class",
    "lineage_parameters",
    "architecture",
    "reports_benchmarks",
    "n_parents",
    "main_parent",
    "author_models_before",
    "author_quantized_before",
)
"""What else of the models statistics of one window compare them by."""


def scored_models(
    scores: pl.DataFrame | pl.LazyFrame,
    models: pl.DataFrame | pl.LazyFrame,
    window_days: int,
    known: Sequence[str] = COMPARED,
) -> pl.DataFrame:
    """The models whose index counts in that window, each with what groups it, sorted by id.

    `scores` is a `disruption_scores`, `models` a `models` table; where lazy, no more is read than what comes out.
    Columns: `number` (the model's row in `models`), `cluster` (the number of the independent draw that the
    model belongs to: its author, or the model itself where no author is known), `is_llm`, `relation`, what is to be
    `known` of the models beside, the counts and the indices that `scores` has. Empty where no window of that length is
    closed.
    """
    [(_, scored)] = scored_in_windows(scores, models, [window_days], known)
    return scored


def scored_in_windows(
    scores: pl.DataFrame | pl.LazyFrame,
    models: pl.DataFrame | pl.LazyFrame,
    windows_days: Sequence[int],
    known: Sequence[str],
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each window with its `scored_models`; models are looked up by their ids once, and not for each window."""
    held = scores.collect_schema()
    counts = [name for name in ("n_i", "n_j", "n_k", "n_j5", *INDICES) if name in held]
    scored = (
        scores.lazy()
        .filter(pl.col("status") == "scored", pl.col("window_days").is_in(windows_days))
        .select("model_id", "window_days", *counts)
        .collect()
    )
    if not scored["model_id"].is_sorted():
        scored = scored.sort("model_id")
    of_models = _known(models, known)
    # The windows of a model stand together, so that its id is looked up once; from here on numbers do.
    runs = scored.select(run=pl.col("model_id").rle()).unnest("run")
    row = places(runs["value"], of_models["model_id"]).gather(np.repeat(np.arange(runs.height), runs["len"]))
    numbers = scored.drop("model_id").with_columns(row=row).drop_nulls("row").rechunk()
    of_window = numbers.partition_by("window_days", as_dict=True, include_key=False)
    columns = of_models.select("number", "cluster", *ALWAYS_KNOWN, *known)
    nothing = numbers.clear().drop("window_days")
    for days in windows_days:
        found = of_window.pop((days,), nothing)
        yield days, pl.concat([columns[found["row"]], found.drop("row")], how="horizontal")


def _known(models: pl.DataFrame | pl.LazyFrame, known: Sequence[str]) -> pl.DataFrame:
    """What is known of the models that derive from another and may be scored: most models do not."""
    wanted = list(dict.fromkeys(["model_id", *ALWAYS_KNOWN, *known]))
    return (
        models.lazy()
        .select(*wanted, "author")
        .with_row_index("number")
        .filter(pl.col("relation").is_not_null())
        .select("number", *wanted, cluster=author_number())
        .collect()
        .rechunk()
    )

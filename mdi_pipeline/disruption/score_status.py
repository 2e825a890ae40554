"""Whether a score counts, and its percentile among scores of its kind."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from mdi_pipeline.tables.vocabulary import HUB_FLOOR


def status(as_of: datetime) -> pl.Expr:
    """Whether the index of a model and window counts, as of the crawl's moment; the first that fits.

    Reads the columns `created_at` (UTC), `window_days`, `n_parents`, `n_i`, `n_j` and `n_k`.

    | status | meaning |
    |---|---|
    | `left_censored` | creation time unknown, or not after the Hub's floor |
    | `root` | names no parent |
    | `censored` | the window ends after `as_of`, so it is still open |
    | `undefined` | nothing followed: n_i + n_j + n_k = 0 |
    | `scored` | the rest |
    """
    second = pl.col("created_at").dt.truncate("1s")
    closes = second + pl.duration(days=pl.col("window_days"))
    return (
        pl.when(second.is_null() | (second <= HUB_FLOOR))
        .then(pl.lit("left_censored"))
        .when(pl.col("n_parents") == 0)
        .then(pl.lit("root"))
        .when(closes > as_of)
        .then(pl.lit("censored"))
        .when(pl.col("n_i") + pl.col("n_j") + pl.col("n_k") == 0)
        .then(pl.lit("undefined"))
        .otherwise(pl.lit("scored"))
    )


def percentile() -> pl.Expr:
    """Mid-rank percentile, 0 to 100, of `mdi` among scored models of the same window, task and quarter of creation.

    A score's percentile is the share of its group below it plus half of the share that ties with it, itself
    included. Null unless scored. Reads `status`, `mdi`, `window_days`, `pipeline_tag` (null is a task of its
    own) and `created_at`.
    """
    scored = pl.when(pl.col("status") == "scored").then(pl.col("mdi"))
    group = [
        pl.col("window_days"),
        pl.col("pipeline_tag"),
        pl.col("created_at").dt.truncate("1q"),
        pl.col("status") == "scored",
    ]
    return ((scored.rank("average") - 0.5) / pl.len() * 100).over(group)

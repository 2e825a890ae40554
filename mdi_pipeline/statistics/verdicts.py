"""When a statistic says something, and when there is too little to say it from."""

from __future__ import annotations

import polars as pl

MIN_MODELS = 30
"""With fewer models no verdict is given."""

MIN_AUTHORS = 10
"""With fewer authors the bootstrap's intervals are far too narrow (Cameron, Gelbach & Miller 2008)."""


def too_little() -> pl.Expr:
    """Why the columns `n`, `n_authors`, `estimate`, `low` and `high` allow no verdict; null where they do."""
    return (
        pl.when(pl.col("n") == 0)
        .then(pl.lit("no model"))
        .when(pl.col("n") < MIN_MODELS)
        .then(pl.format("{} models, fewer than {}", "n", pl.lit(MIN_MODELS)))
        .when(pl.col("n_authors") < MIN_AUTHORS)
        .then(pl.format("{} authors, fewer than {}", "n_authors", pl.lit(MIN_AUTHORS)))
        .when(pl.col("estimate").is_null())
        .then(pl.lit("the statistic is undefined: the models do not differ"))
        .when(pl.col("low").is_null() | pl.col("high").is_null())
        .then(pl.lit("no interval: the models do not differ"))
    )

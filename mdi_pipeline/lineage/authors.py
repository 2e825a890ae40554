"""Whose a model is."""

from __future__ import annotations

import polars as pl


def author_number() -> pl.Expr:
    """The number of a model's author, from 1; a model whose author is not known is an author of its own.

    Reads `author` and `model_id`. Authors come in the order of their names, then the models in that of their ids.
    """
    known = pl.col("author").rank("dense").cast(pl.Int64)
    alone = pl.when(pl.col("author").is_null()).then("model_id").rank("dense").cast(pl.Int64)
    return pl.coalesce(known, known.max().fill_null(0) + alone)

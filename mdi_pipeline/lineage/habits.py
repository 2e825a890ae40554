"""What a model's author was in the habit of before it was made."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.lineage.authors import author_number
from mdi_pipeline.lineage.events import Calendar


def author_habits(models: pl.DataFrame) -> pl.DataFrame:
    """Models, and quantized ones among them, that the author of each dated model had made before it.

    `models` has `model_id`, `author`, `created_at`, `relation`. Columns: `model_id`, `author_models_before`,
    `author_quantized_before`. What was made in the same second does not count; a model without a known author is an
    author of its own. Two sorts and four searches: 3 M models take about 3 s.
    """
    second = pl.col("created_at").dt.epoch("s")
    dated = models.drop_nulls("created_at").select(
        "model_id",
        author=author_number(),
        second=second - second.min(),
        is_quantized=(pl.col("relation") == "quantized").fill_null(value=False),
    )
    quantized = dated.filter("is_quantized")
    number, moment = dated["author"].to_numpy(), dated["second"].to_numpy()
    always = np.zeros_like(moment)
    made, copied = (Calendar(some["author"].to_numpy(), some["second"].to_numpy()) for some in (dated, quantized))
    return dated.select("model_id").with_columns(
        author_models_before=made.count(number, always, moment),
        author_quantized_before=copied.count(number, always, moment),
    )

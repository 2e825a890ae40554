"""How large a model is, adapters and quantized copies by what they derive from."""

from __future__ import annotations

from functools import reduce

import polars as pl

from mdi_pipeline.tables.vocabulary import SIZE_CLASSES

CARRYING = ("adapter", "quantized")
"""Relations that leave the number of parameters as it is: what such a repository states itself counts the
adapter alone, or packed tensors."""

MAX_GENERATIONS = 50
"""Copies of copies end long before; a cycle of copies would never."""

BOUNDS = (1e9, 3e9, 10e9, 30e9, 100e9)


def lineage_parameters(models: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Add `lineage_parameters` to models (`number`, `relation`, `n_parameters`).

    Edges name models by number, as `child` and `parent`. A root, finetune or merge has what it states. An adapter or
    quantized copy has what its parent has, of several parents the largest; null where no parent is known to have
    any. Carried down a generation at a time: cost is one join over the copies for each generation.
    """
    copies = (
        edges.filter(pl.col("relation").is_in(CARRYING))
        .join(models.filter(pl.col("relation").is_in(CARRYING)), left_on="child", right_on="number", how="semi")
        .select("child", "parent")
    )
    is_copy = pl.col("relation").is_in(CARRYING).fill_null(value=False)
    known = models.filter(~is_copy).select("number", pl.col("n_parameters").alias("lineage_parameters")).drop_nulls()
    waiting = copies
    for _ in range(MAX_GENERATIONS):
        carried = (
            waiting.join(known, left_on="parent", right_on="number")
            .group_by(number="child")
            .agg(pl.col("lineage_parameters").max())
        )
        if carried.is_empty():
            break
        known = pl.concat([known, carried])
        waiting = waiting.join(carried, left_on="child", right_on="number", how="anti")
    return models.join(known, on="number", how="left", maintain_order="left")


def size_class(column: str) -> pl.Expr:
    """The class of a number of parameters; null where it is null."""
    parameters = pl.col(column)
    largest = pl.lit(SIZE_CLASSES[-1])
    by_size = reduce(
        lambda larger, below: pl.when(parameters < below[0]).then(pl.lit(below[1])).otherwise(larger),
        reversed(list(zip(BOUNDS, SIZE_CLASSES, strict=False))),
        largest,
    )
    return pl.when(parameters.is_not_null()).then(by_size)

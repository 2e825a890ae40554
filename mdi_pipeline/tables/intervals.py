"""Columns of tables of estimates: the number, its 95 % interval, and what it rests on."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from mdi_pipeline.tables.columns import count, real


class WithInterval(dy.Schema):
    """Mixin of the tables whose rows hold an estimate: what is true of every interval.

    The columns themselves, which `interval` and `sample` make, stand where the table's order has them: columns that a
    schema inherits would come before its own.
    """

    @dy.rule()
    def ends_are_in_order(cls) -> pl.Expr:
        """An interval's ends are in order."""
        return pl.col("low") <= pl.col("high")


def interval(
    estimate: str, how: str, *, unit: str = "", low: float | None = None, high: float | None = None
) -> tuple[dy.Float64, dy.Float64, dy.Float64]:
    """The columns `estimate`, `low` and `high`.

    `estimate` says what is estimated and when it is null, `how` the way in which the ends are found; `low` and `high`
    bound all three.
    """
    return (
        real(estimate, unit=unit, low=low, high=high),
        real(f"Lower end of the 95 % interval{how}", unit=unit, low=low, high=high),
        real("Upper end of the 95 % interval, found as the lower one.", unit=unit, low=low, high=high),
    )


def sample(of: str) -> tuple[dy.Int64, dy.Int64]:
    """The columns `n`, of which `of` says what it counts, and `n_authors`."""
    return count(of), count("Authors of those models: the independent draws.")

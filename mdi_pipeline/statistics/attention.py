"""The tables `attention` and `attention_gaps`: disruption beside what the Hub counts."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.statistics.bootstrap import N_DRAWS, AuthorDraws
from mdi_pipeline.statistics.cells import population_cells
from mdi_pipeline.statistics.estimates import Flags, Reals, floats, several_shares, stacked
from mdi_pipeline.statistics.rank_correlation import rank_correlations
from mdi_pipeline.statistics.ranking import DENOMINATORS, MINIMA
from mdi_pipeline.statistics.verdicts import too_little
from mdi_pipeline.tables.attention import ATTENTION, ATTENTION_GAPS, ATTENTION_INDICES, COUNTERS, NOTICED, UNNOTICED

N_LISTED = 20


def attention(
    scored: pl.DataFrame,
    models: pl.DataFrame | pl.LazyFrame,
    window_days: int,
    *,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """How far each index and each counter agree in each population.

    `scored` are the `populations.scored_models` of that window, `models` is the table that they were looked up in.
    Columns out: those of the table `attention`. A counter that the source does not give, and a change without an
    earlier crawl, have their rows with n = 0 and the reason. 800,000 scored models take some 3 s.
    """
    counted = _with_counters(scored, models)
    counted, draws = AuthorDraws(counted["cluster"], n_draws, seed).arranged(counted)
    cells = population_cells(counted)
    bootstrap = draws.over(cells.membership)
    ranked: dict[tuple[str, str, str], tuple[Flags, Reals, Reals]] = {}
    shared: dict[tuple[str, str, str], tuple[Flags, Flags]] = {}
    counters = {counter: (floats(counted[counter]), floats(_percentile(counted, counter))) for counter in COUNTERS}
    for index in ATTENTION_INDICES:
        value, within = floats(counted[index]), floats(_percentile(counted, index))
        for counter, (number, attracted) in counters.items():
            both = ~np.isnan(value) & ~np.isnan(number)
            ranked |= {
                (index, counter, "rank_correlation"): (both, value, number),
                (index, counter, "rank_correlation_within_quarter"): (both, within, attracted),
            }
            shared |= {
                (index, counter, "disruptive_share_of_noticed"): (both & (attracted >= NOTICED), value > 0),
                (index, counter, "disruptive_share_of_unnoticed"): (both & (attracted <= UNNOTICED), value > 0),
            }
    found = rank_correlations(bootstrap, cells.names.height, ranked)
    found |= several_shares(bootstrap, shared)
    table = stacked(found, ["index", "counter", "measure"], cells.names.select("population"))
    return ATTENTION.conform(
        table.with_columns(
            window_days=pl.lit(window_days, dtype=pl.Int32), reason=pl.coalesce(_not_counted(models), too_little())
        )
    )


def attention_gaps(scored: pl.DataFrame, models: pl.DataFrame | pl.LazyFrame, window_days: int) -> pl.DataFrame:
    """The models that are disruptive and hardly noticed, and those that are noticed and not disruptive.

    Arguments as for `attention`. Columns out: those of the table `attention_gaps`. Each list asks for the first of
    the denominators `MINIMA` that any of its models reaches; it is empty where none parts so.
    """
    counted = _with_counters(scored, models)
    attracted = pl.mean_horizontal(_percentile(counted, "likes"), _percentile(counted, "downloads"))
    known = counted.with_columns(attention=attracted, n=DENOMINATORS["mdi"]).filter(pl.col("attention").is_not_null())
    unnoticed = known.filter(pl.col("mdi") > 0, pl.col("attention") <= UNNOTICED).sort(
        "mdi", "n_i", "model_id", descending=[True, True, False]
    )
    noticed = known.filter(pl.col("mdi") < 0, pl.col("attention") >= NOTICED).sort(
        "attention", "mdi", "model_id", descending=[True, False, False]
    )
    listed = [
        _with_enough(rows)
        .head(N_LISTED)
        .with_columns(gap=pl.lit(gap), place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
        for gap, rows in (("disruptive_unnoticed", unnoticed), ("noticed_not_disruptive", noticed))
    ]
    return ATTENTION_GAPS.conform(pl.concat(listed).with_columns(window_days=pl.lit(window_days, dtype=pl.Int32)))


def _with_enough(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with at least so many in the denominator as any of them reaches of `MINIMA`, and how many that are."""
    reached = rows.select(pl.col("n").max()).item() or 0
    minimum = next((each for each in MINIMA if each <= reached), MINIMA[-1])
    return rows.filter(pl.col("n") >= minimum).with_columns(minimum=pl.lit(minimum, dtype=pl.Int64))


def _with_counters(scored: pl.DataFrame, models: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    counters = models.lazy().select(COUNTERS).collect()[scored["number"]]
    return pl.concat([scored, counters], how="horizontal").with_columns(quarter=pl.col("created_at").dt.truncate("1q"))


def _percentile(models: pl.DataFrame, column: str) -> pl.Series:
    """Where each model stands by a column within its quarter, from 0 to 100, ties in the middle; null where null."""
    place, known = pl.col(column).rank("average").over("quarter"), pl.col(column).count().over("quarter")
    return models.select((100 * (place - 0.5) / known).alias(column)).to_series()


def _not_counted(models: pl.DataFrame | pl.LazyFrame) -> pl.Expr:
    """Why a counter is known of no model; null where it is known of some."""
    is_counted = models.lazy().select(pl.col(COUNTERS).is_not_null().any()).collect().row(0, named=True)
    reasons = {
        counter: "no earlier crawl with this counter" if counter.endswith("_change") else "the source does not count it"
        for counter in COUNTERS
        if not is_counted[counter]
    }
    return pl.col("counter").replace_strict(reasons, default=None, return_dtype=pl.String)

"""Shares of hits with intervals by a bootstrap over authors, many groups at once."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.statistics.bootstrap import (
    deal,
    drawn_totals,
    exact_bounds,
    percentile_interval,
    ratio_of,
    times_drawn,
)
from mdi_pipeline.statistics.estimates import floats

N_DRAWS = 1_000

ALONE = 1
"""With one author there is nothing to draw from."""


def counted(observed: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Observations, each with `by`, `author` and `hit` (Boolean), as `author_shares` takes them."""
    return observed.group_by(*by, "author").agg(hits=pl.col("hit").sum(), n=pl.len())


def author_shares(counts: pl.DataFrame, by: list[str], *, n_draws: int = N_DRAWS, seed: int = 0) -> pl.DataFrame:
    """The share of hits in each group: `by`, `estimate`, `low`, `high`, `n`, `n_authors`.

    `counts` has the columns of `by` (text, null allowed), `author` (its number, once in a group), and how many
    observations it has there (`n`) and how many of them are hits (`hits`). `low` and `high` are null with one author;
    where all authors agree they are exact binomial bounds with an author for a draw.
    """
    cells = counts.select(by).unique().sort(by, nulls_last=False).with_row_index("cell")
    placed = counts.join(cells, on=by, nulls_equal=True, maintain_order="left")
    author, group, n_groups = deal(placed["author"], seed)
    slot = placed["cell"].cast(pl.Int64).to_numpy() * n_groups + group[author]
    totals = np.zeros((2, cells.height * n_groups))
    for of_count, count in zip(totals, ("hits", "n"), strict=True):
        np.add.at(of_count, slot, floats(placed[count]))
    hits, n = totals.reshape(2, cells.height, n_groups).transpose(0, 2, 1)
    estimate = hits.sum(axis=0) / n.sum(axis=0)
    n_authors = np.bincount(placed["cell"].to_numpy(), minlength=cells.height)
    weights = times_drawn(n_groups, n_draws, seed)
    low, high = percentile_interval(ratio_of(drawn_totals(hits, weights), drawn_totals(n, weights)))
    exact_low, exact_high = exact_bounds(estimate, n_authors)
    certain = (estimate == 0) | (estimate == 1)
    alone = n_authors <= ALONE
    return cells.select(
        *by,
        estimate=pl.Series(estimate),
        low=pl.Series(np.where(alone, np.nan, np.where(certain, exact_low, low))).fill_nan(None),
        high=pl.Series(np.where(alone, np.nan, np.where(certain, exact_high, high))).fill_nan(None),
        n=pl.Series(n.sum(axis=0).round().astype(np.int64)),
        n_authors=pl.Series(n_authors),
    )

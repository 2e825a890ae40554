"""Shares of hits with intervals by a bootstrap over authors, many groups at once."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.compute.ratios import ratio_of
from mdi_pipeline.statistics.bootstrap import N_DRAWS, deal, drawn_totals, times_drawn
from mdi_pipeline.statistics.estimates import floats, share_estimates


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
    share = hits.sum(axis=0) / n.sum(axis=0)
    n_authors = np.bincount(placed["cell"].to_numpy(), minlength=cells.height)
    weights = times_drawn(n_groups, n_draws, seed)
    draws = ratio_of(drawn_totals(hits, weights), drawn_totals(n, weights))
    n_observed = n.sum(axis=0).round().astype(np.int64)
    return share_estimates(share, draws, n_observed, n_authors).beside(cells.select(by))

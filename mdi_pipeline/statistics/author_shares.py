"""Shares of hits with intervals by a bootstrap over authors, many groups at once."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.statistics.bootstrap import AuthorBootstrap, exact_bounds, percentile_interval

N_DRAWS = 1_000

ALONE = 1
"""With one author there is nothing to draw from."""


def author_shares(observed: pl.DataFrame, by: list[str], *, n_draws: int = N_DRAWS, seed: int = 0) -> pl.DataFrame:
    """The share of hits in each group: `by`, `estimate`, `low`, `high`, `n`, `n_authors`.

    `observed` has a row for each observation: the columns of `by` (text, null allowed), `author` and `hit`
    (Boolean). `low` and `high` are null with one author; where all authors agree they are exact binomial
    bounds with an author for a draw.
    """
    from scipy.sparse import csr_matrix

    by_author = (
        observed.group_by(*by, "author").agg(hits=pl.col("hit").sum(), n=pl.len()).sort(*by, "author", nulls_last=False)
    )
    cells = by_author.select(by).unique(maintain_order=True).with_row_index("cell")
    placed = by_author.join(cells, on=by, nulls_equal=True, maintain_order="left")
    rows = np.arange(placed.height)
    membership = csr_matrix((np.ones(placed.height), (rows, placed["cell"].to_numpy())), (placed.height, cells.height))
    bootstrap = AuthorBootstrap(placed["author"], membership, n_draws, seed)
    hits = bootstrap.totals(placed["hits"].cast(pl.Float64).to_numpy())
    n = bootstrap.totals(placed["n"].cast(pl.Float64).to_numpy())
    estimate = hits.sum(axis=0) / n.sum(axis=0)
    n_authors = bootstrap.n_authors(np.ones(placed.height, dtype=np.bool_))
    low, high = percentile_interval(bootstrap.ratios(hits, n))
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

"""The indices of disruption, from counts."""

from __future__ import annotations

import polars as pl

N_A = pl.col("n_i") + pl.col("n_j")
N_ALL = N_A + pl.col("n_k")
N_ALL5 = pl.col("n_i") + pl.col("n_j5") + pl.col("n_k")


def indices(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts with the six indices beside them; an index is null where its denominator is 0.

    `counts` holds `n_i`, `n_j`, `n_k`, `n_j5` and `shared_parents`, as `disruption_counts` returns them.

    | index | formula | range |
    |---|---|---|
    | `mdi` | (n_i - n_j - n_k) / (n_i + n_j + n_k) | -1 ... 1 |
    | `cd` | (n_i - n_j) / (n_i + n_j + n_k) | -1 ... 1 |
    | `cd_nok` | (n_i - n_j) / (n_i + n_j) | -1 ... 1 |
    | `mcd` | cd * (n_i + n_j) | |
    | `di5` | (n_i - n_j5) / (n_i + n_j5 + n_k) | -1 ... 1 |
    | `dep` | shared_parents / (n_i + n_j) | 0 ... |

    Sources: `cd`, `mcd` Funk & Owen-Smith 2017, Wu, Wang & Evans 2019; `cd_nok` and `dep` Bornmann et al.
    2020, Bu et al. 2021; `di5` Bornmann et al. 2020; `mdi` is this project's own.

    >>> counts = {"n_i": 1, "n_j": 1, "n_k": 2, "n_j5": 0, "shared_parents": 1}
    >>> indices(pl.DataFrame(counts)).select("mdi", "cd", "cd_nok", "mcd", "di5", "dep").row(0)
    (-0.5, 0.0, 0.0, 0.0, 0.3333333333333333, 0.5)
    """
    n_i, n_j, n_k, n_j5 = (pl.col(name) for name in ("n_i", "n_j", "n_k", "n_j5"))
    # Lazily, so that Polars works out once what several indices have in common.
    columns = counts.lazy().with_columns(
        mdi=_ratio(n_i - n_j - n_k, N_ALL),
        cd=_ratio(n_i - n_j, N_ALL),
        cd_nok=_ratio(n_i - n_j, N_A),
        mcd=_ratio(n_i - n_j, N_ALL) * N_A,
        di5=_ratio(n_i - n_j5, N_ALL5),
        dep=_ratio(pl.col("shared_parents"), N_A),
    )
    return columns.collect()


def _ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    return pl.when(denominator != 0).then(numerator / denominator)

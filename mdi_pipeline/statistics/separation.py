"""Models whose outcome their levels tell for certain: because of them a logistic likelihood has no maximum.

Leaving them out leaves the limits of all other estimates as they are (Geyer 2009, "Likelihood inference in exponential
families and directions of recession", Electron. J. Stat. 3, 259-289). Found by linear programming after Konis (2007),
"Linear programming algorithms for detecting separated data in binary logistic regression models", DPhil thesis, Oxford.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl


def told_by_levels(models: pl.DataFrame, terms: Sequence[str]) -> pl.Series:
    """Whether a model's levels of these terms together tell its `event`, in some direction of their coefficients.

    Such a direction pushes no model away from its outcome and those told towards it, without end; what numbers tell is
    not looked at. All models are told where they separate altogether. The cost goes with the number of combinations
    of levels: 1,400 of a million models take a tenth of a second.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity

    patterns = models.group_by(terms, maintain_order=True).agg(any=pl.col("event").any(), all=pl.col("event").all())
    pure = (patterns["any"] == patterns["all"]).to_numpy()
    towards = np.where(patterns["all"].to_numpy(), 1.0, -1.0)
    moved = csr_matrix(patterns.select(terms).to_dummies().to_numpy() * towards[:, np.newaxis])
    n_levels, n_pure = moved.shape[1], int(pure.sum())
    # The most patterns by a step of 1, that no direction moves away from their outcome; mixed ones stay where they are.
    found = linprog(
        np.append(np.zeros(n_levels), -np.ones(n_pure)),
        A_ub=hstack([-moved[pure], identity(n_pure)]).tocsr(),
        b_ub=np.zeros(n_pure),
        A_eq=hstack([moved[~pure], csr_matrix((patterns.height - n_pure, n_pure))]).tocsr(),
        b_eq=np.zeros(patterns.height - n_pure),
        bounds=[(None, None)] * n_levels + [(0, 1)] * n_pure,
    )
    told = np.zeros(patterns.height, dtype=np.bool_)
    if found.success:  # else the fit says what it can say
        told[pure] = found.x[n_levels:] > 0.5  # noqa: PLR2004
    of_patterns = patterns.select(*terms, told=pl.Series(told))
    return models.select(terms).join(of_patterns, on=list(terms), how="left", maintain_order="left")["told"]

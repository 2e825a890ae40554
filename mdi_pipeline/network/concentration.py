"""How unequally children are shared out among parents."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

MIN_TAIL = 50
"""Below so many parents a power law cannot be told from anything else (Clauset, Shalizi & Newman 2009)."""


def gini(counts: Counts) -> float | None:
    """Gini coefficient of counts: 0 all alike, towards 1 all with one. None where there is nothing to share."""
    total = counts.sum()
    if total == 0:
        return None
    ordered = np.sort(counts)
    rank = np.arange(1, ordered.size + 1)
    return float(2 * (rank * ordered).sum() / (ordered.size * total) - (ordered.size + 1) / ordered.size)


def top_share(counts: Counts, share: float) -> float | None:
    """What part of all children the `share` of models with most of them have; at least one model counts."""
    total = counts.sum()
    if total == 0:
        return None
    top = max(1, math.ceil(share * counts.size))
    return float(np.sort(counts)[-top:].sum() / total)


@dataclass(frozen=True)
class PowerLaw:
    """A discrete power law fitted to the tail of counts; all None where the tail is too short to say."""

    alpha: float | None = None
    xmin: float | None = None
    distance: float | None = None
    n_tail: float | None = None


def power_law(counts: Counts) -> PowerLaw:
    """Fit a discrete power law to positive counts by maximum likelihood.

    `alpha` is the exponent, `xmin` the start of the tail (chosen so that the Kolmogorov-Smirnov `distance`
    is least), `n_tail` the counts in it. Method: Clauset, Shalizi & Newman (2009), as igraph has it. Their
    p-value is not given: igraph draws it from a generator that cannot be seeded.
    """
    import igraph

    positive = counts[counts > 0]
    if positive.size < MIN_TAIL or positive.min() == positive.max():
        return PowerLaw()
    one_draw = 0.5
    fit = igraph.power_law_fit(np.sort(positive).tolist(), method="discrete", p_precision=one_draw)
    return PowerLaw(fit.alpha, fit.xmin, fit.D, float((positive >= fit.xmin).sum()))

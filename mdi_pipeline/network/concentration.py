"""How unequally children are shared out among models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mdi_pipeline.compute.ratios import ratio_of

Counts = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Numbers = Counts | Reals

MIN_TAIL = 50
"""Below so many parents a power law cannot be told from anything else (Clauset, Shalizi & Newman 2009)."""


TOP_SHARE = 0.01
"""The share of models whose part of all children is reported."""


class Frequencies(NamedTuple):
    """Numbers of children, ascending, and how many models have each; several samples are rows of `n_models`."""

    n_children: Numbers
    n_models: Numbers


def frequencies(counts: Counts) -> Frequencies:
    """How many models have each number of children, from the number of each model."""
    return Frequencies(*np.unique(counts, return_counts=True))


def gini(sample: Frequencies) -> Reals:
    """Gini coefficient: 0 all alike, towards 1 all with one; of each sample. NaN where there are no children."""
    n_children, n_models = sample
    children = n_models * n_children
    reached = np.cumsum(children, axis=-1)
    before = reached - children
    total = n_models.sum(axis=-1) * children.sum(axis=-1)
    return 1 - ratio_of((n_models * (before + reached)).sum(axis=-1), total)


def top_share(sample: Frequencies) -> Reals:
    """What part of all children the `TOP_SHARE` of models with most of them have; at least one model counts.

    Of each sample; NaN where there are no children.
    """
    n_children, n_models = sample
    top = np.maximum(1, np.ceil(TOP_SHARE * n_models.sum(axis=-1, keepdims=True)))
    above = np.cumsum(n_models[..., ::-1], axis=-1)[..., ::-1] - n_models
    taken = np.clip(top - above, 0, n_models)
    return ratio_of((taken * n_children).sum(axis=-1), (n_models * n_children).sum(axis=-1))


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

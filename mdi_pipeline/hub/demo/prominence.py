"""Which models are built upon, and how much: the heavy tail of children per parent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.hub.demo.calibration import CHILDREN_QUANTILES, LAST_DATE, LISTED_MODELS, PARENTS
from mdi_pipeline.hub.demo.derivation import ADAPTER, FINETUNE, MERGE, QUANTIZED, ROOT, Derivation
from mdi_pipeline.hub.demo.population import DAY, Population, start_of
from mdi_pipeline.hub.demo.randomness import Integers, Reals, stream

MEMBERS_PER_PARENT = 0.6
"""Prominent models for each parent of the real Hub; the other parents are built upon by their owners only."""

VANISHED_FACTOR = 0.15
"""How much rarer models that will vanish are among the prominent ones."""

PLANTED_APPEAL = {ROOT: 1.0, FINETUNE: 1.5, ADAPTER: 0.5, MERGE: 1.0, QUANTIZED: 0.5}
"""Planted: how often models of each relation are built upon, against the rest."""

ESTABLISHED_DAYS = (540, 120)
"""The most prominent ones appeared so long before the last date: late enough to have competed with few,
early enough to have gathered children."""

ESTABLISHED_SHARE = 0.02


@dataclass(frozen=True)
class Prominence:
    """The models that anyone may build upon, in the order of creation.

    `rank` is 0 for the most prominent; `children` is how many it is meant to gather in the long run.
    """

    members: Integers
    rank: Integers
    children: Reals


def appeal(relation: Integers, planted_effects: bool) -> Reals:
    """How often models of each relation are built upon, against roots."""
    if not planted_effects:
        return np.ones(len(relation))
    by_code = np.array([PLANTED_APPEAL[code] for code in sorted(PLANTED_APPEAL)])
    return by_code[relation - ROOT]


def elect(
    population: Population, derivation: Derivation, n_canonical: int, size: int, seed: int, planted_effects: bool
) -> Prominence:
    """Members and ranks. The first `n_canonical` models, the Hub's oldest, are always among the upper tenth."""
    rng = stream(size, seed, "prominence")
    odds = appeal(derivation.relation, planted_effects) * np.where(population.survives, 1.0, VANISHED_FACTOR)
    odds[derivation.redated] = 0
    odds[:n_canonical] = np.inf
    n_members = max(round(size * PARENTS / LISTED_MODELS * MEMBERS_PER_PARENT), n_canonical + 1)
    with np.errstate(divide="ignore"):
        luck = rng.exponential(1, len(odds)) / odds
    members = np.sort(np.argpartition(luck, n_members)[:n_members])
    rank = _ranks(rng, population.created[members], n_canonical)
    return Prominence(members, rank, children_at((rank + 0.5) / n_members))


def children_at(survival: Reals) -> Reals:
    """Number of children that the share `survival` of parents reaches: through the reported quantiles, log-log."""
    share, children = np.array(CHILDREN_QUANTILES[::-1]).T
    return np.exp(np.interp(np.log(survival), np.log(share), np.log(children)))


def _ranks(rng: np.random.Generator, created: Integers, n_canonical: int) -> Integers:
    n = len(created)
    age = (start_of(LAST_DATE) - created) / DAY
    oldest, youngest = ESTABLISHED_DAYS
    order = rng.permutation(n)
    order = order[order >= n_canonical]
    established = (age[order] <= oldest) & (age[order] >= youngest)
    n_top = max(1, round(n * ESTABLISHED_SHARE))
    top = order[established][:n_top]
    rest = order[~np.isin(order, top)]
    canonical_at = min(len(rest), max(1, n // 20))
    ranked = np.concatenate([top, rest[:canonical_at], np.arange(n_canonical), rest[canonical_at:]])
    rank = np.empty(n, dtype=np.int64)
    rank[ranked] = np.arange(n)
    return rank

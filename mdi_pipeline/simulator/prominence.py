"""Which models are built upon, and how much: the heavy tail of children per parent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.simulator.calibration import CHILDREN_QUANTILES, LAST_DATE, LISTED_MODELS, PARENTS
from mdi_pipeline.simulator.derivation import ADAPTER, FINETUNE, MERGE, QUANTIZED, ROOT, Derivation
from mdi_pipeline.simulator.population import DAY, Population, start_of
from mdi_pipeline.simulator.setting import Integers, Reals, Setting

MEMBERS_PER_PARENT = 0.82
"""Prominent models for each parent of the real Hub; the other parents are built upon by their owners only."""

VANISHED_FACTOR = 0.15
"""How much rarer models that will vanish are among the prominent ones."""

APPEAL = {ROOT: 1.0, FINETUNE: 2.5, ADAPTER: 2.5, MERGE: 2.5, QUANTIZED: 2.5}
"""How often models of each relation are built upon, against roots, where no effects are planted: most roots are
somebody's first try. A guess."""

PLANTED_APPEAL = {ROOT: 1.0, FINETUNE: 4.5, ADAPTER: 1.0, MERGE: 2.5, QUANTIZED: 1.0}
"""Planted: the same by relation."""

FULL_STRENGTH, WEAKENING = 300.0, 0.2
"""Models meant to have fewer than 300 children are weakened by this power of the ratio: the luck of the market
and the children that declare nothing lift them to the reported quantiles again."""

ESTABLISHED_DAYS = (1_250, 90)
"""The most prominent ones appeared so many days before the last date: at any time since then there has been
enough demand for some of them, and all have had time to gather children."""

ESTABLISHED_SHARE = 0.02
CANONICAL_RANK = 0.05
"""The Hub's oldest models, under canonical names, stand below this share of the prominent ones."""

VANISHED_RANK = 0.3
"""Models that will vanish stand below this share."""


@dataclass(frozen=True)
class Prominence:
    """The models that anyone may build upon, in the order of creation.

    `rank` is 0 for the most prominent; `children` is how many it is meant to gather in the long run.
    """

    members: Integers
    rank: Integers
    children: Reals


def appeal(relation: Integers, setting: Setting) -> Reals:
    """How often models of each relation are built upon, against roots."""
    odds = PLANTED_APPEAL if setting.planted_effects else APPEAL
    return np.array([odds[code] for code in sorted(odds)])[relation - ROOT]


def elect(population: Population, derivation: Derivation, setting: Setting) -> Prominence:
    """Members and ranks. The Hub's oldest, under canonical names, are always among them."""
    rng = setting.stream("prominence")
    odds = appeal(derivation.relation, setting) * np.where(population.survives, 1.0, VANISHED_FACTOR)
    odds[derivation.redated] = 0
    odds[: setting.n_canonical] = np.inf
    n_members = max(round(setting.size * PARENTS / LISTED_MODELS * MEMBERS_PER_PARENT), setting.n_canonical + 1)
    with np.errstate(divide="ignore"):
        luck = rng.exponential(1, len(odds)) / odds
    members = np.sort(np.argpartition(luck, n_members)[:n_members])
    rank = _ranks(rng, population, members, setting.n_canonical)
    children = children_at((rank + 0.75) / n_members * MEMBERS_PER_PARENT)
    return Prominence(members, rank, children * np.minimum((children / FULL_STRENGTH) ** WEAKENING, 1))


def children_at(survival: Reals) -> Reals:
    """Number of children that the share `survival` of parents reaches: through the reported quantiles, log-log."""
    share, children = np.array(CHILDREN_QUANTILES[::-1]).T
    children_there: Reals = np.exp(np.interp(np.log(survival), np.log(share), np.log(children)))
    return children_there


def _ranks(rng: np.random.Generator, population: Population, members: Integers, n_canonical: int) -> Integers:
    """Ranks by luck, with the ends given: established models first, those that will vanish never high up."""
    n = len(members)
    age = (start_of(LAST_DATE) - population.created[members]) / DAY
    oldest, youngest = ESTABLISHED_DAYS
    survives = population.survives[members]
    luck = rng.random(n)
    established = np.flatnonzero((age <= oldest) & (age >= youngest) & survives)
    n_top = max(1, round(n * ESTABLISHED_SHARE))
    luck[rng.permutation(established)[:n_top]] -= 1
    luck[~survives] = VANISHED_RANK + (1 - VANISHED_RANK) * luck[~survives]
    luck[:n_canonical] = CANONICAL_RANK
    rank = np.empty(n, dtype=np.int64)
    rank[np.argsort(luck, kind="stable")] = np.arange(n)
    return rank

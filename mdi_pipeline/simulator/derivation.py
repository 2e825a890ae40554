"""Which models derive from others, and how: decided before it is known from whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.simulator.calibration import (
    CARD_STUBS,
    DECLARING,
    LISTED_MODELS,
    RELATION_COUNTS,
    SELF_REFERENCES,
    UNDECLARED_SHARE,
)
from mdi_pipeline.simulator.population import DAY, FLOOR_SECOND, Population
from mdi_pipeline.simulator.setting import Flags, Integers, Setting, choose
from mdi_pipeline.tables.vocabulary import RELATIONS

FINETUNE, ADAPTER, MERGE, QUANTIZED = range(len(RELATIONS))
ROOT = -1

DERIVING_SHARE = (DECLARING - SELF_REFERENCES - CARD_STUBS) / LISTED_MODELS + UNDECLARED_SHARE
"""Share of models that derive from another on the Hub, declared or not."""

ADOPTION_DAYS = 365.0
"""How long it took until deriving had become as usual as it is now: a guess."""

PARENTS_OF_MERGES = {2: 0.55, 3: 0.25, 4: 0.12, 5: 0.05, 6: 0.03}
ADAPTERS_WITH_TWO_PARENTS = 0.003
REDATED_SHARE = 0.012
"""Share of derivatives that may be older than what they derive from, as after a parent's re-upload."""


@dataclass(frozen=True)
class Derivation:
    """How each model derives.

    `relation` is `ROOT` for those that do not; `redated` says whether the creation time is too early, so
    that the parent may look younger.
    """

    relation: Integers
    n_parents: Integers
    redated: Flags

    @property
    def derives(self) -> Flags:
        """Whether the model derives from another."""
        return np.not_equal(self.relation, ROOT)


def derive(population: Population, setting: Setting) -> Derivation:
    """Relations drawn alike at all times, so that time alone makes no relation special."""
    rng = setting.stream("derivation")
    n = len(population)
    derives = _deriving(rng, population)
    names, drawn = choose(rng, {name: float(count) for name, count in RELATION_COUNTS.items()}, n)
    codes = np.array([RELATIONS.index(name) for name in names])
    relation = np.where(derives, codes[drawn], ROOT)
    n_parents = derives.astype(np.int64)
    several, position = choose(rng, {str(k): share for k, share in PARENTS_OF_MERGES.items()}, n)
    n_parents = np.where(relation == MERGE, np.array(several, dtype=np.int64)[position], n_parents)
    n_parents[(relation == ADAPTER) & (rng.random(n) < ADAPTERS_WITH_TWO_PARENTS)] = 2
    return Derivation(relation, n_parents, derives & (rng.random(n) < REDATED_SHARE))


def _deriving(rng: np.random.Generator, population: Population) -> Flags:
    """Nothing at the floor derives; from then on the habit spreads until it is as common as it is now."""
    age = (population.created - FLOOR_SECOND) / DAY
    habit = np.where(population.at_floor, 0.0, 0.25 + 0.75 * (1 - np.exp(-age / ADOPTION_DAYS)))
    level = DERIVING_SHARE * population.survives.sum() / habit[population.survives].sum()
    derives: Flags = rng.random(len(population)) < habit * level
    return derives

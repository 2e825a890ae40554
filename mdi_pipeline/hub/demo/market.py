"""The market of attention: prominent models compete for derivatives, day by day.

A derivative attaches with odds of fitness times recency. Fitness is balanced beforehand, so that each
prominent model may expect the number of children it is meant to have. Planted effects: now and then a
derivative succeeds its parent: from its first day the attention goes to it and no longer to the parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mdi_pipeline.hub.demo.calibration import LAST_DATE
from mdi_pipeline.hub.demo.derivation import ADAPTER, FINETUNE, MERGE, QUANTIZED, ROOT
from mdi_pipeline.hub.demo.population import DAY, FIRST_DAY, Population, start_of
from mdi_pipeline.hub.demo.prominence import Prominence
from mdi_pipeline.hub.demo.setting import Integers, Reals, Setting

N_DAYS = (LAST_DATE - FIRST_DAY).days
ATTENTION = 0.7 * np.exp(-np.arange(N_DAYS + 1) / 60) + 0.3 * np.exp(-np.arange(N_DAYS + 1) / 500)
"""Attention that a model still gets, by its age in days: most of it soon fades, some stays for years. A guess."""

GROWN_UP = 0.25
"""Share of its whole attention after which a model is meant to have its children: reached in some 70 days."""

LARGEST_SHARE = 0.12
"""Share of all children that one model is meant to have at most: the real tail's head would be too heavy for
a Hub of a few thousand models."""

BALANCING_ROUNDS = 3
TOO_BIG_TO_SUCCEED = 0.01
"""The upper share of prominent models that nobody displaces, so that the tail keeps its shape."""

LEFT_TO_THE_SUCCEEDED = 0.03
PLANTED_SUCCESSION = {ROOT: 0.0, FINETUNE: 0.18, ADAPTER: 0.01, MERGE: 0.03, QUANTIZED: 0.01}
"""Planted: chance that a prominent derivative succeeds its parent, for a model of 7 billion parameters."""

PLANTED_SIZE_EXPONENT = 0.9
"""Planted: that chance grows with this power of the number of parameters."""


@dataclass(frozen=True)
class Demand:
    """Derivatives in search of a parent, sorted by day (from 0); one with several parents stands there as often."""

    child: Integers
    day: Integers

    @property
    def per_day(self) -> Integers:
        """How many there are on each day."""
        return np.bincount(self.day, minlength=N_DAYS)


class Market:
    """Prominent models in the order of their birth, their fitness balanced for the demand per day."""

    def __init__(self, population: Population, prominence: Prominence, demand: Integers) -> None:
        created = population.created[prominence.members]
        midnight = start_of(FIRST_DAY) + np.arange(N_DAYS) * DAY
        self.born = np.maximum((created - start_of(FIRST_DAY)) // DAY, 0)
        self._known = np.searchsorted(created, midnight)
        self._demand = demand
        self.fitness = prominence.children.copy()
        self._balance(prominence.children)

    def days(self) -> Iterator[tuple[int, Reals]]:
        """Each day with demand, and the odds of the models that existed before it."""
        for day in np.flatnonzero(self._demand):
            known = self._known[day]
            yield int(day), self.fitness[:known] * ATTENTION[day - self.born[:known]]

    def succeed(self, today: int, heirs: Integers, succeeded: Integers) -> None:
        """Hands the attention of today from the succeeded models to their heirs, born today."""
        attention = self.fitness[succeeded] * ATTENTION[today - self.born[succeeded]]
        self.fitness[heirs] = np.maximum(self.fitness[heirs], attention / ATTENTION[0])
        self.fitness[succeeded] *= LEFT_TO_THE_SUCCEEDED

    def _balance(self, children: Reals) -> None:
        """Adjusts fitness until each model may expect its share of the children, fewer for the youngest."""
        lived = np.cumsum(ATTENTION)[N_DAYS - 1 - self.born] / ATTENTION.sum()
        wanted = children * np.minimum(lived / GROWN_UP, 1)
        wanted *= self._demand.sum() / wanted.sum()
        wanted = np.minimum(wanted, LARGEST_SHARE * self._demand.sum())
        for _ in range(BALANCING_ROUNDS):
            expected = np.zeros(len(children))
            for day, odds in self.days():
                expected[: len(odds)] += self._demand[day] / odds.sum() * odds
            self.fitness *= np.clip(wanted / np.maximum(expected, 1e-9), 0.2, 5.0)


def trade(
    population: Population,
    prominence: Prominence,
    demand: Demand,
    *,
    ambition: Reals,
    billions: Reals,
    anchor: Integers,
    setting: Setting,
) -> Integers:
    """A parent for each entry of `demand`.

    `ambition` is each model's chance of succession at 7 billion parameters, `billions` the roots' sizes,
    `anchor` the model itself or, for own work, the ancestor that it goes back to without a trade.
    """
    rng = setting.stream("market")
    members = prominence.members
    n = len(population)
    market = Market(population, prominence, demand.per_day)
    place = np.full(n, -1)
    place[members] = np.arange(len(members))
    root = np.arange(n)
    displaceable = prominence.rank >= TOO_BIG_TO_SUCCEED * len(members)
    chance, luck = rng.random(n), rng.random(len(demand.child))
    parent = np.empty(len(demand.child), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(demand.per_day)])
    for today, odds in market.days():
        span = slice(starts[today], starts[today + 1])
        cumulative = np.cumsum(odds)
        chosen = np.searchsorted(cumulative, luck[span] * cumulative[-1], side="right")
        parent[span] = members[chosen]
        child = demand.child[span]
        root[child[::-1]] = root[anchor[members[chosen[::-1]]]]
        succeeds = chance[child] < ambition[child] * size_factor(billions[root[child]])
        heir = succeeds & (place[child] >= 0) & displaceable[chosen]
        market.succeed(today, place[child[heir]], chosen[heir])
    return parent


def ambition(relation: Integers, setting: Setting) -> Reals:
    """Chance that a prominent derivative of each relation succeeds its parent, at 7 billion parameters."""
    if not setting.planted_effects:
        return np.zeros(len(relation))
    return np.array([PLANTED_SUCCESSION[code] for code in sorted(PLANTED_SUCCESSION)])[relation - ROOT]


def size_factor(billions: Reals) -> Reals:
    """Planted: how much more often a larger model succeeds its parent."""
    return np.clip((billions / 7) ** PLANTED_SIZE_EXPONENT, 0.01, 5.0)

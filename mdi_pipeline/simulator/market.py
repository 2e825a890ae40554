"""The market of attention: prominent models compete for derivatives, day by day.

A derivative attaches with odds of fitness times recency. Fitness is balanced beforehand, so that each
prominent model may expect the number of children it is meant to have. Planted effects: now and then a
derivative succeeds its parent: from its first day the attention goes to it and no longer to the parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mdi_pipeline.simulator.calibration import LAST_DATE
from mdi_pipeline.simulator.derivation import ADAPTER, FINETUNE, MERGE, QUANTIZED, ROOT
from mdi_pipeline.simulator.population import DAY, FIRST_DAY, Population, start_of
from mdi_pipeline.simulator.prominence import Prominence
from mdi_pipeline.simulator.setting import Integers, Reals, Setting

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
PLANTED_SUCCESSION = {ROOT: 0.0, FINETUNE: 0.25, ADAPTER: 0.01, MERGE: 0.03, QUANTIZED: 0.01}
"""Planted: chance that a prominent derivative succeeds its parent, at the reference size."""

REFERENCE_BILLIONS = 7.0
PLANTED_AMBITION, PLANTED_WEAKNESS = 1.0, 0.8
"""Planted: powers of a model's size, relative to the reference, by which larger derivatives succeed more often
and smaller ones are less fit."""


@dataclass(frozen=True)
class Demand:
    """Derivatives in search of a parent, sorted by day (from 0); one with several parents stands there as often."""

    child: Integers
    day: Integers

    @property
    def per_day(self) -> Integers:
        """How many there are on each day."""
        return np.bincount(self.day, minlength=N_DAYS)

    def luck(self, rng: np.random.Generator) -> Reals:
        """A number in [0, 1) for each; those of one child lie evenly apart, so that its parents seldom coincide."""
        place = np.arange(len(self.child))
        is_first = np.concatenate([[True], self.child[1:] != self.child[:-1]])
        nth = place - np.maximum.accumulate(np.where(is_first, place, 0))
        n_children = int(self.child.max()) + 1
        start = rng.random(n_children)
        return (start[self.child] + nth / np.bincount(self.child)[self.child]) % 1.0


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

    def weaken(self, places: Integers, factor: Reals) -> None:
        """Takes some of the fitness of models born today."""
        self.fitness[places] = self.fitness[places] * factor

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

    `ambition` is each model's chance of succession at the reference size, `billions` the roots' sizes,
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
    chance, luck = rng.random(n), demand.luck(rng)
    parent = np.empty(len(demand.child), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(demand.per_day)])
    for today, odds in market.days():
        span = slice(starts[today], starts[today + 1])
        cumulative = np.cumsum(odds)
        chosen = np.searchsorted(cumulative, luck[span] * cumulative[-1], side="right")
        parent[span] = members[chosen]
        child = demand.child[span]
        root[child[::-1]] = root[anchor[members[chosen[::-1]]]]
        newborn = place[child] >= 0
        if setting.planted_effects and newborn.any():
            child, chosen = child[newborn], chosen[newborn]
            relative_size = billions[root[child]] / REFERENCE_BILLIONS
            market.weaken(place[child], np.minimum(relative_size**PLANTED_WEAKNESS, 1))
            heir = (chance[child] < ambition[child] * relative_size**PLANTED_AMBITION) & displaceable[chosen]
            market.succeed(today, place[child[heir]], chosen[heir])
    return parent


def succession_odds(relation: Integers) -> Reals:
    """Planted: chance that a prominent derivative of each relation succeeds its parent, at the reference size."""
    return np.array([PLANTED_SUCCESSION[code] for code in sorted(PLANTED_SUCCESSION)])[relation - ROOT]

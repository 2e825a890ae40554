"""Who derives from whom: a market of attention, day by day.

A derivative either continues recent work of its own owner, or attaches to a prominent model with odds
of fitness times recency. Fitness is balanced beforehand so that each prominent model may expect the
number of children it is meant to have. Now and then a derivative succeeds its parent: from its first
day the lineage's attention goes to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mdi_pipeline.hub.demo.calibration import LAST_DATE
from mdi_pipeline.hub.demo.derivation import ADAPTER, FINETUNE, MERGE, QUANTIZED, ROOT, Derivation
from mdi_pipeline.hub.demo.population import DAY, FIRST_DAY, Population, start_of
from mdi_pipeline.hub.demo.prominence import Prominence, appeal
from mdi_pipeline.hub.demo.randomness import Flags, Integers, Reals, stream

OWN_WORK_SHARE = 0.085
"""Share of derivatives that continue recent work of their own owner."""

OWN_WORK_DAYS = 20
N_DAYS = (LAST_DATE - FIRST_DAY).days
ATTENTION = 0.7 * np.exp(-np.arange(N_DAYS + 1) / 60) + 0.3 * np.exp(-np.arange(N_DAYS + 1) / 500)
"""Attention that a model still gets, by its age in days."""

BALANCING_ROUNDS = 3
TOO_BIG_TO_SUCCEED = 0.004
"""The upper share of prominent models that nobody displaces, so that the tail keeps its shape."""

LEFT_TO_THE_SUCCEEDED = 0.03
SUCCESSION = 0.10
PLANTED_SUCCESSION = {ROOT: 0.0, FINETUNE: 0.20, ADAPTER: 0.03, MERGE: 0.06, QUANTIZED: 0.03}
"""Chance that a prominent derivative succeeds its parent: one for all, or planted by relation for a size of
7 billion parameters."""

PLANTED_SIZE_EXPONENT = 0.4


@dataclass(frozen=True)
class Attachment:
    """True edges, sorted by child, each pair once, the parent that gave the child its traits first.

    `root` is each model's own root (itself for roots), `own_work` whether its owner continued own work,
    `first_parent` its first parent (-1 for roots).
    """

    child: Integers
    parent: Integers
    root: Integers
    first_parent: Integers
    own_work: Flags


@dataclass
class _Market:
    """Prominent models in the order of their birth and how many attach each day."""

    born: Integers
    known: Integers
    fitness: Reals

    def days(self, demand: Integers) -> Iterator[tuple[int, Reals]]:
        """Each day with demand, and the odds of the models that existed before it."""
        for day in np.flatnonzero(demand):
            known = self.known[day]
            yield int(day), self.fitness[:known] * ATTENTION[day - self.born[:known]]

    def balance(self, children: Reals, demand: Integers) -> None:
        """Adjusts fitness until each model may expect its share of the children, as far as its time allows."""
        lived = np.cumsum(ATTENTION)[N_DAYS - 1 - self.born] / ATTENTION.sum()
        wanted = children * lived
        wanted *= demand.sum() / wanted.sum()
        self.fitness = children.copy()
        for _ in range(BALANCING_ROUNDS):
            expected = np.zeros(len(children))
            for day, odds in self.days(demand):
                expected[: len(odds)] += demand[day] / odds.sum() * odds
            self.fitness *= np.clip(wanted / np.maximum(expected, 1e-9), 0.2, 5.0)


def attach(
    population: Population,
    derivation: Derivation,
    prominence: Prominence,
    billions: Reals,
    size: int,
    seed: int,
    planted_effects: bool,
) -> Attachment:
    """Parents for every derivative."""
    rng = stream(size, seed, "attachment")
    own_parent = _own_work(rng, population, derivation, planted_effects)
    own_work = own_parent >= 0
    slots = np.repeat(np.arange(len(population)), np.where(own_work, 0, derivation.n_parents))
    day = _attachment_day(rng, population, derivation)[slots]
    order = np.argsort(day, kind="stable")
    slots, day = slots[order], day[order]
    parent = _trade(rng, population, derivation, prominence, billions, own_parent, slots, day, planted_effects)

    child = np.concatenate([slots, np.flatnonzero(own_work)])
    parent = np.concatenate([parent, own_parent[own_work]])
    child, parent = _each_pair_once(child, parent)
    first_parent = np.full(len(population), -1)
    first_parent[child[::-1]] = parent[::-1]
    root = ancestors(np.where(first_parent >= 0, first_parent, np.arange(len(population))))
    return Attachment(child, parent, root, first_parent, own_work)


def ancestors(pointer: Integers) -> Integers:
    """Follows each pointer to its end (a model that points to itself) by doubling."""
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            return pointer
        pointer = further


def _own_work(
    rng: np.random.Generator, population: Population, derivation: Derivation, planted_effects: bool
) -> Integers:
    """For models that continue own work: a recent model, to be given the same owner; -1 for all others."""
    chance = rng.random(len(population)) < OWN_WORK_SHARE
    parent = np.full(len(population), -1)
    pending = np.flatnonzero(chance & (derivation.n_parents == 1) & ~derivation.redated)
    earliest = np.searchsorted(population.created, population.created - OWN_WORK_DAYS * DAY)
    odds = appeal(derivation.relation, planted_effects)
    odds[derivation.redated] = 0
    odds /= odds.max()
    for _ in range(8):
        span = np.searchsorted(population.created, population.created[pending]) - earliest[pending]
        drawn = earliest[pending] + (rng.random(len(pending)) * span).astype(np.int64)
        accepted = (span > 0) & (rng.random(len(pending)) < odds[drawn])
        parent[pending[accepted]] = drawn[accepted]
        pending = pending[~accepted]
    return parent


def _attachment_day(rng: np.random.Generator, population: Population, derivation: Derivation) -> Integers:
    delay = np.where(derivation.redated, rng.integers(10, 200, len(population)), 0)
    return np.minimum((population.created - start_of(FIRST_DAY)) // DAY + delay, N_DAYS - 1)


def _trade(
    rng: np.random.Generator,
    population: Population,
    derivation: Derivation,
    prominence: Prominence,
    billions: Reals,
    own_parent: Integers,
    slots: Integers,
    day: Integers,
    planted_effects: bool,
) -> Integers:
    n = len(population)
    members = prominence.members
    demand = np.bincount(day, minlength=N_DAYS)
    born = np.maximum((population.created[members] - start_of(FIRST_DAY)) // DAY, 0)
    known = np.searchsorted(population.created[members], start_of(FIRST_DAY) + np.arange(N_DAYS) * DAY)
    market = _Market(born, known, prominence.children)
    market.balance(prominence.children, demand)

    place = np.full(n, -1)
    place[members] = np.arange(len(members))
    anchor = ancestors(np.where(own_parent >= 0, own_parent, np.arange(n)))
    root = np.arange(n)
    displaceable = prominence.rank >= TOO_BIG_TO_SUCCEED * len(members)
    ambition, luck = rng.random(n), rng.random(len(slots))
    parent = np.empty(len(slots), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(demand)])
    succession = succession_odds(derivation.relation, planted_effects)
    for today, odds in market.days(demand):
        span = slice(starts[today], starts[today + 1])
        cumulative = np.cumsum(odds)
        chosen = np.searchsorted(cumulative, luck[span] * cumulative[-1], side="right")
        parent[span] = members[chosen]
        children = slots[span]
        root[children[::-1]] = root[anchor[members[chosen[::-1]]]]
        heir = (place[children] >= 0) & displaceable[chosen]
        heir &= ambition[children] < succession[children] * size_factor(billions[root[children]], planted_effects)
        _succeed(market, today, place[children[heir]], chosen[heir])
    return parent


def succession_odds(relation: Integers, planted_effects: bool) -> Reals:
    """Chance that a prominent derivative succeeds its parent, at 7 billion parameters."""
    if not planted_effects:
        return np.full(len(relation), SUCCESSION)
    by_code = np.array([PLANTED_SUCCESSION[code] for code in sorted(PLANTED_SUCCESSION)])
    return by_code[relation - ROOT]


def size_factor(billions: Reals, planted_effects: bool) -> Reals:
    """Planted: how much more often a larger model succeeds its parent."""
    if not planted_effects:
        return np.ones(len(billions))
    return np.clip((billions / 7) ** PLANTED_SIZE_EXPONENT, 0.1, 4.0)


def _succeed(market: _Market, today: int, heirs: Integers, succeeded: Integers) -> None:
    attention = market.fitness[succeeded] * ATTENTION[today - market.born[succeeded]]
    market.fitness[heirs] = np.maximum(market.fitness[heirs], attention / ATTENTION[0])
    market.fitness[succeeded] *= LEFT_TO_THE_SUCCEEDED


def _each_pair_once(child: Integers, parent: Integers) -> tuple[Integers, Integers]:
    order = np.lexsort((np.arange(len(child)), child))
    child, parent = child[order], parent[order]
    pair = child * (parent.max(initial=0) + 1) + parent
    _, first = np.unique(pair, return_index=True)
    kept = np.sort(first)
    return child[kept], parent[kept]

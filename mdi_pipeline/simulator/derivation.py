"""Who derives from whom, decided in four steps.

1. `derive`: which models derive, and how.
2. `elect`: which models others build upon, and how many children each is meant to have: the heavy tail.
3. The market: day by day, the models elected compete for that day's derivatives. A derivative attaches with odds
   of fitness times recency. Fitness is balanced beforehand, so that each model may expect the number of children
   it is meant to have. Planted effects: now and then a derivative succeeds its parent: from its first day the
   attention goes to it and no longer to the parent.
4. `attach`: the edges, from that market or from the owner's own recent work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mdi_pipeline.simulator.calibration import (
    CARD_STUBS,
    CHILDREN_QUANTILES,
    DECLARING,
    LAST_DATE,
    LISTED_MODELS,
    PARENTS,
    RELATION_COUNTS,
    SELF_REFERENCES,
    UNDECLARED_SHARE,
)
from mdi_pipeline.simulator.population import DAY, FIRST_DAY, FLOOR_SECOND, Population, start_of
from mdi_pipeline.simulator.setting import Flags, Integers, Reals, Setting, choose
from mdi_pipeline.tables.vocabulary import RELATIONS

# 1. Which models derive, and how.

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


def by_relation(values: Mapping[int, float], relation: Integers) -> Reals:
    """The value of each model's relation; `values` has one for `ROOT` and for every relation."""
    return np.array([values[code] for code in sorted(values)])[relation - ROOT]


def _deriving(rng: np.random.Generator, population: Population) -> Flags:
    """Nothing at the floor derives; from then on the habit spreads until it is as common as it is now."""
    age = (population.created - FLOOR_SECOND) / DAY
    habit = np.where(population.at_floor, 0.0, 0.25 + 0.75 * (1 - np.exp(-age / ADOPTION_DAYS)))
    level = DERIVING_SHARE * population.survives.sum() / habit[population.survives].sum()
    derives: Flags = rng.random(len(population)) < habit * level
    return derives


# 2. Which models others build upon, and how much.

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


def elect(population: Population, derivation: Derivation, setting: Setting) -> Prominence:
    """Members and ranks. The Hub's oldest, under canonical names, are always among them."""
    rng = setting.stream("prominence")
    odds = _appeal(derivation.relation, setting) * np.where(population.survives, 1.0, VANISHED_FACTOR)
    odds[derivation.redated] = 0
    odds[: setting.n_canonical] = np.inf
    n_members = max(round(setting.size * PARENTS / LISTED_MODELS * MEMBERS_PER_PARENT), setting.n_canonical + 1)
    with np.errstate(divide="ignore"):
        luck = rng.exponential(1, len(odds)) / odds
    members = np.sort(np.argpartition(luck, n_members)[:n_members])
    rank = _ranks(rng, population, members, setting.n_canonical)
    children = _children_at((rank + 0.75) / n_members * MEMBERS_PER_PARENT)
    return Prominence(members, rank, children * np.minimum((children / FULL_STRENGTH) ** WEAKENING, 1))


def _appeal(relation: Integers, setting: Setting) -> Reals:
    """How often models of each relation are built upon, against roots."""
    return by_relation(PLANTED_APPEAL if setting.planted_effects else APPEAL, relation)


def _children_at(survival: Reals) -> Reals:
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


# 3. The market of attention.

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
"""Planted: chance that a prominent derivative of each relation succeeds its parent, at the reference size."""

REFERENCE_BILLIONS = 7.0
PLANTED_AMBITION, PLANTED_WEAKNESS = 1.0, 0.8
"""Planted: powers of a model's size, relative to the reference, by which larger derivatives succeed more often
and smaller ones are less fit."""


@dataclass(frozen=True)
class _Demand:
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


class _Market:
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


def _trade(
    population: Population,
    prominence: Prominence,
    demand: _Demand,
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
    market = _Market(population, prominence, demand.per_day)
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


# 4. The edges.

OWN_WORK_SHARE = 0.06
"""Share of derivatives that continue recent work of their own owner."""

OWN_WORK_DAYS = 20
"""How old such work is at most."""

OWN_WORK_TRIES = 8
"""Recent models that are looked at until one appeals."""


@dataclass(frozen=True)
class Attachment:
    """True edges, sorted by child, each pair once; of several parents the first gave the child its traits.

    `root` is each model's own root (itself for roots), `own_work` whether its owner continued own work,
    `first_parent` its first parent (-1 for roots).
    """

    child: Integers
    parent: Integers
    root: Integers
    first_parent: Integers
    own_work: Flags


def attach(
    population: Population, derivation: Derivation, prominence: Prominence, billions: Reals, setting: Setting
) -> Attachment:
    """Parents for every derivative; `billions` are the sizes of roots."""
    index = np.arange(len(population))
    own_parent = _own_work(population, derivation, setting)
    own_work = own_parent >= 0
    demand = _demand(population, derivation, np.where(own_work, 0, derivation.n_parents), setting)
    traded = _trade(
        population,
        prominence,
        demand,
        ambition=by_relation(PLANTED_SUCCESSION, derivation.relation),
        billions=billions,
        anchor=ancestors(np.where(own_work, own_parent, index)),
        setting=setting,
    )
    child, parent = _each_pair_once(
        np.concatenate([demand.child, index[own_work]]), np.concatenate([traded, own_parent[own_work]])
    )
    first_parent = np.full(len(population), -1)
    first_parent[child[::-1]] = parent[::-1]
    root = ancestors(np.where(first_parent >= 0, first_parent, index))
    return Attachment(child, parent, root, first_parent, own_work)


def ancestors(pointer: Integers) -> Integers:
    """Follows each pointer to its end (a model that points to itself) by doubling."""
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            return pointer
        pointer = further


def _own_work(population: Population, derivation: Derivation, setting: Setting) -> Integers:
    """For models that continue own work: a recent model, to be given the same owner; -1 for all others."""
    rng = setting.stream("own work")
    parent = np.full(len(population), -1)
    continues = rng.random(len(population)) < OWN_WORK_SHARE
    pending = np.flatnonzero(continues & (derivation.n_parents == 1) & ~derivation.redated)
    earliest = np.searchsorted(population.created, population.created - OWN_WORK_DAYS * DAY)
    odds = _appeal(derivation.relation, setting)
    odds[derivation.redated] = 0
    odds /= odds.max()
    for _ in range(OWN_WORK_TRIES):
        span = np.searchsorted(population.created, population.created[pending]) - earliest[pending]
        drawn = earliest[pending] + (rng.random(len(pending)) * span).astype(np.int64)
        accepted = (span > 0) & (rng.random(len(pending)) < odds[drawn])
        parent[pending[accepted]] = drawn[accepted]
        pending = pending[~accepted]
    return parent


def _demand(population: Population, derivation: Derivation, n_parents: Integers, setting: Setting) -> _Demand:
    """Derivatives on the day of their creation; those that were re-dated, when they were truly made."""
    delay = setting.stream("re-dating").integers(10, 200, len(population))
    day = (population.created - start_of(FIRST_DAY)) // DAY + np.where(derivation.redated, delay, 0)
    day = np.minimum(day, N_DAYS - 1)
    child = np.repeat(np.arange(len(population)), n_parents)
    order = np.argsort(day[child], kind="stable")
    return _Demand(child[order], day[child][order])


def _each_pair_once(child: Integers, parent: Integers) -> tuple[Integers, Integers]:
    order = np.argsort(child, kind="stable")
    child, parent = child[order], parent[order]
    pair = child * (parent.max(initial=0) + 1) + parent
    _, first = np.unique(pair, return_index=True)
    kept = np.sort(first)
    return child[kept], parent[kept]

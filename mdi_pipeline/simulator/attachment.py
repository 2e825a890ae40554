"""Who derives from whom: from the owner's own recent work, or from a prominent model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.simulator.derivation import Derivation
from mdi_pipeline.simulator.market import N_DAYS, Demand, succession_odds, trade
from mdi_pipeline.simulator.population import DAY, FIRST_DAY, Population, start_of
from mdi_pipeline.simulator.prominence import Prominence, appeal
from mdi_pipeline.simulator.setting import Flags, Integers, Reals, Setting

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
    anchor = ancestors(np.where(own_work, own_parent, index))
    chances = succession_odds(derivation.relation)
    traded = trade(population, prominence, demand, ambition=chances, billions=billions, anchor=anchor, setting=setting)
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
    odds = appeal(derivation.relation, setting)
    odds[derivation.redated] = 0
    odds /= odds.max()
    for _ in range(OWN_WORK_TRIES):
        span = np.searchsorted(population.created, population.created[pending]) - earliest[pending]
        drawn = earliest[pending] + (rng.random(len(pending)) * span).astype(np.int64)
        accepted = (span > 0) & (rng.random(len(pending)) < odds[drawn])
        parent[pending[accepted]] = drawn[accepted]
        pending = pending[~accepted]
    return parent


def _demand(population: Population, derivation: Derivation, n_parents: Integers, setting: Setting) -> Demand:
    """Derivatives on the day of their creation; those that were re-dated, when they were truly made."""
    delay = setting.stream("re-dating").integers(10, 200, len(population))
    day = (population.created - start_of(FIRST_DAY)) // DAY + np.where(derivation.redated, delay, 0)
    day = np.minimum(day, N_DAYS - 1)
    child = np.repeat(np.arange(len(population)), n_parents)
    order = np.argsort(day[child], kind="stable")
    return Demand(child[order], day[child][order])


def _each_pair_once(child: Integers, parent: Integers) -> tuple[Integers, Integers]:
    order = np.argsort(child, kind="stable")
    child, parent = child[order], parent[order]
    pair = child * (parent.max(initial=0) + 1) + parent
    _, first = np.unique(pair, return_index=True)
    kept = np.sort(first)
    return child[kept], parent[kept]

"""When models appear and when they vanish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import numpy as np

from mdi_pipeline.simulator.calibration import (
    DAILY_GROWTH,
    FIRST_DATE,
    FLOOR,
    FLOOR_SHARE,
    LAST_DATE,
    LISTED_MODELS,
    MEDIAN_WEEKLY_DELETIONS,
    WEEKLY_DELETIONS,
)
from mdi_pipeline.simulator.setting import Flags, Integers, Reals, Setting

DAY = 86_400
NEVER = 2**62
FLOOR_SECOND = int(FLOOR.timestamp())
YOUNG_SHARE = 0.6
"""Share of vanishing models that vanish within weeks of their creation: a guess."""

FIRST_DAY = date(2022, 3, 3)


def start_of(day: date) -> int:
    """00:00 UTC of the day, in seconds since 1970."""
    return int(datetime.combine(day, time(), UTC).timestamp())


@dataclass(frozen=True)
class Population:
    """Every model that ever was, in the order of creation; times in seconds since 1970.

    `deleted` is `NEVER` for models that are still there on the last date: as many as the size asked for.
    `object_id_tail` are the random 40 bits behind the time in the Hub's internal id.
    """

    created: Integers
    deleted: Integers
    object_id_tail: Integers

    def __len__(self) -> int:
        """Number of models that ever were."""
        return len(self.created)

    @property
    def survives(self) -> Flags:
        """Whether the model is still there on the last date."""
        return np.equal(self.deleted, NEVER)

    @property
    def at_floor(self) -> Flags:
        """Whether the model is older than the Hub's own record of creation times."""
        return np.equal(self.created, FLOOR_SECOND)


def populate(setting: Setting) -> Population:
    """Models that live on the last date, and those that vanished between the first date and then."""
    survivors = _creation_times(setting.stream("creation"), setting.size)
    vanished, deleted = _deletions(setting.stream("deletion"), setting.size, survivors)
    created = np.concatenate([survivors, vanished])
    until = np.concatenate([np.full(setting.size, NEVER), deleted])
    tail = setting.stream("object id").integers(0, 2**40, len(created))
    order = np.lexsort((tail, created))
    return Population(created[order], until[order], tail[order])


def _creation_times(rng: np.random.Generator, size: int) -> Integers:
    n_floor = round(size * FLOOR_SHARE)
    n_days = (LAST_DATE - FIRST_DAY).days
    days = np.arange(n_days)
    knots = [(day - FIRST_DAY).days for day in DAILY_GROWTH]
    rate = np.interp(days, knots, list(DAILY_GROWTH.values()))
    weekend = (days + FIRST_DAY.weekday()) % 7 >= 5  # noqa: PLR2004 - Saturday
    rate *= np.where(weekend, 0.86, 1.056) * rng.lognormal(0, 0.06, n_days)
    per_day = _whole_numbers(rate / rate.sum() * (size - n_floor))
    created = start_of(FIRST_DAY) + np.repeat(days, per_day) * DAY + rng.integers(0, DAY, per_day.sum())
    return np.concatenate([np.full(n_floor, FLOOR_SECOND), created])


def _deletions(rng: np.random.Generator, size: int, survivors: Integers) -> tuple[Integers, Integers]:
    """Creation and deletion times of the models that vanish: in bursts, most of them young."""
    first = start_of(FIRST_DATE)
    n_days = (LAST_DATE - FIRST_DATE).days
    n_weeks = n_days // 7 + 1
    fewest, most = WEEKLY_DELETIONS
    weekly = np.clip(MEDIAN_WEEKLY_DELETIONS * rng.lognormal(0, 0.4, n_weeks), fewest * 1.1, most * 0.9)
    burst = rng.exponential(1, (n_weeks, 7)) ** 1.5 + 0.4
    daily = (weekly[:, None] * burst / burst.sum(axis=1, keepdims=True)).ravel()[:n_days]
    alive = np.searchsorted(np.sort(survivors), first + np.arange(n_days) * DAY) / size
    per_day = _whole_numbers(daily * alive * size / LISTED_MODELS)
    deleted = first + np.repeat(np.arange(n_days), per_day) * DAY + rng.integers(0, DAY, per_day.sum())
    created = np.maximum(deleted - _ages_at_deletion(rng, deleted), start_of(FIRST_DAY))
    return created, deleted


def _ages_at_deletion(rng: np.random.Generator, deleted: Integers) -> Integers:
    n = len(deleted)
    is_young = rng.random(n) < YOUNG_SHARE
    young = rng.exponential(20 * DAY, n)
    old = rng.beta(1, 1.5, n) * (deleted - FLOOR_SECOND)
    return np.where(is_young, young, old).astype(np.int64) + 3_600


def _whole_numbers(expected: Reals) -> Integers:
    """Whole numbers whose running sums follow those of `expected`."""
    return np.diff(np.round(np.cumsum(expected)), prepend=0).astype(np.int64)

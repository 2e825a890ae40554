"""Downloads and likes: how many a model will have had by any moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.simulator.population import DAY, Population
from mdi_pipeline.simulator.prominence import Prominence
from mdi_pipeline.simulator.setting import Integers, Reals, Setting


@dataclass(frozen=True)
class Popularity:
    """What a model draws in the long run, and in how many days it draws most of it."""

    downloads: Reals
    likes: Reals
    days: Reals

    def downloads_by(self, population: Population, moment: int) -> Integers:
        """Downloads since creation; they only grow."""
        return np.floor(self.downloads * self._elapsed(population, moment)).astype(np.int64)

    def likes_by(self, population: Population, moment: int) -> Integers:
        """Likes since creation; they only grow."""
        return np.floor(self.likes * self._elapsed(population, moment)).astype(np.int64)

    def _elapsed(self, population: Population, moment: int) -> Reals:
        """The share of a model's long run that has passed: quick at first, then ever slower, without end."""
        age = np.maximum(moment - population.created, 0) / DAY
        return np.log1p(age / self.days) / np.log1p(1_000 / self.days)


def attract(prominence: Prominence, n_models: int, setting: Setting) -> Popularity:
    """Heavy tails; prominent models draw more in proportion to the root of the children they gather."""
    rng = setting.stream("popularity")
    appeal = np.ones(n_models)
    appeal[prominence.members] += 20 * np.sqrt(prominence.children)
    downloads = 40 * appeal * rng.lognormal(0, 1.7, n_models)
    likes = 0.4 * appeal * rng.lognormal(0, 1.3, n_models)
    return Popularity(downloads, likes, rng.uniform(5, 60, n_models))

"""Which of all simulated Hubs: its size and seed, and the streams of random numbers that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdi_pipeline.simulator.calibration import CANONICAL, LARGEST, SMALLEST

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Setting:
    """`size` models on the last date; `planted_effects`: whether finetunes and larger models disrupt more often."""

    size: int
    seed: int = 0
    planted_effects: bool = True

    def __post_init__(self) -> None:
        """Raises `ValueError` for what cannot be simulated."""
        if not SMALLEST <= self.size <= LARGEST:
            raise ValueError(f"the simulated Hub can have {SMALLEST:,} to {LARGEST:,} models, not {self.size:,}")
        if self.seed < 0:
            raise ValueError(f"the seed of the simulated Hub must be 0 or more, not {self.seed}")

    @property
    def n_canonical(self) -> int:
        """How many of the Hub's oldest models there are under their canonical names: the first ones of all."""
        return int(np.clip(self.size // 2_000, 2, len(CANONICAL)))

    def stream(self, idea: str) -> np.random.Generator:
        """The random numbers of one idea: changing how one idea draws leaves the draws of all others as they were."""
        return np.random.default_rng([self.seed, self.size, *idea.encode()])


def choose(rng: np.random.Generator, shares: Mapping[str, float], n: int) -> tuple[list[str], Integers]:
    """The words of `shares`, and for each of `n` draws the position of its word."""
    cumulative = np.cumsum(list(shares.values()))
    position = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
    return list(shares), position

"""Independent streams of random numbers, one for each idea of the simulation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def stream(size: int, seed: int, idea: str) -> np.random.Generator:
    """The generator of one idea: changing how one idea draws leaves the draws of all others as they were."""
    return np.random.default_rng([seed, size, *idea.encode()])


def choose(rng: np.random.Generator, shares: dict[str, float], n: int) -> tuple[list[str], Integers]:
    """The words of `shares`, and for each of `n` draws the position of its word."""
    cumulative = np.cumsum(list(shares.values()))
    position = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
    return list(shares), position

"""The Hub's internal ids and commit hashes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.simulator.setting import Integers

_HEX = pl.Series("hex", [f"{value:04x}" for value in range(2**16)])


def _hexadecimal(numbers: Integers, digits: int) -> pl.Series:
    """Lower-case hexadecimal text of fixed length, a multiple of four."""
    parts = [_HEX.gather((numbers >> (4 * place)) & 0xFFFF).alias(str(place)) for place in range(digits - 4, -1, -4)]
    return pl.DataFrame(parts).select(text=pl.concat_str(pl.all()))["text"]


def object_ids_of(created: Integers, tail: Integers) -> pl.Series:
    """The Hub's internal ids: time in seconds (8 digits), 40 random bits, and a counter of 24 bits."""
    middle_and_counter = (tail << 24) | np.arange(len(tail))
    return _hexadecimal(created, 8) + _hexadecimal(middle_and_counter, 16)


def commit_hashes(numbers: Integers, seed: int) -> pl.Series:
    """Forty digits that look random and follow from the model and its version."""
    with np.errstate(over="ignore"):
        mixed = [_mixed(numbers.astype(np.uint64) + np.uint64(seed * 2**33 + part)) for part in range(3)]
    return _hexadecimal(mixed[0], 16) + _hexadecimal(mixed[1], 16) + _hexadecimal(mixed[2] & 0xFFFFFFFF, 8)


def _mixed(numbers: npt.NDArray[np.uint64]) -> Integers:
    """The finaliser of splitmix64 (Steele et al. 2014)."""
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))).view(np.int64)

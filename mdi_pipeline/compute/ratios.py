"""Ratios of arrays, undefined where there is nothing to divide by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64] | NDArray[np.int64] | NDArray[np.int32]


def ratio_of(numerators: Numbers, denominators: Numbers) -> NDArray[np.float64]:
    """Each numerator divided by its denominator; NaN where both are 0, without a warning."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios: NDArray[np.float64] = numerators / denominators
    return ratios

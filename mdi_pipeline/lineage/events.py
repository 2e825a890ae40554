"""Events of many groups, to be counted between two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

_SPAN = 2**34
"""More seconds than any two creation times are apart."""


class Calendar:
    """Events of numbered groups in order of time, to be counted between two moments (whole seconds)."""

    def __init__(self, group: Numbers, second: Numbers) -> None:
        self._events = np.sort(group * _SPAN + second)

    def count(self, group: Numbers, start: Numbers, stop: Numbers) -> Numbers:
        """Events of each group at or after `start` and before `stop`."""
        low, high = (np.clip(moment, 0, _SPAN - 1) for moment in (start, stop))
        found: Numbers = np.searchsorted(self._events, group * _SPAN + high) - np.searchsorted(
            self._events, group * _SPAN + low
        )
        return found

"""Events of many groups, to be counted between two moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mdi_pipeline.compute.compilation import compiled

Numbers = NDArray[np.int64]

_SPAN = 2**34
"""More seconds than any two creation times are apart."""


class Calendar:
    """Events of groups, numbered from 0, to be counted between two moments (whole seconds, an event's not below 0)."""

    def __init__(self, group: Numbers, second: Numbers) -> None:
        self._second = np.sort(group * _SPAN + second) % _SPAN
        self._begin = np.append(0, np.cumsum(np.bincount(group)))

    def count(self, group: Numbers, start: Numbers, stop: Numbers) -> Numbers:
        """Events of each group at or after `start` and before `stop`."""
        # Arrays that may not be written to, as those of Polars, would be compiled for once more.
        asked = (np.require(each, requirements="W") for each in (group, start, stop))
        return _between(self._second, self._begin, *asked)


@compiled
def _between(second: Numbers, begin: Numbers, group: Numbers, start: Numbers, stop: Numbers) -> Numbers:
    """The events between; those of group g are `begin[g]` to `begin[g + 1]`, in order of time."""
    found = np.zeros(len(group), np.int64)
    for query in range(len(group)):
        one = group[query]
        if one < len(begin) - 1:
            events = second[begin[one] : begin[one + 1]]
            found[query] = np.searchsorted(events, stop[query]) - np.searchsorted(events, start[query])
    return found

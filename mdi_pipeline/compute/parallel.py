"""Independent pieces of work at the same time: numpy, scipy and Polars let other threads run while they compute.

Each piece multiplies its matrices in one thread: the cores are taken, and the threads of a second product would spin
while they wait for its first, a tenth of the CPU time of the findings.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> list[Result]:
    """The result of each piece, in their order; as many are worked on at once as there are cores."""
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(n_workers()) as pool:
        return list(pool.map(work, pieces))


def n_workers() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

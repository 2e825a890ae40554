"""The counts behind every index of disruption, for all models and windows at once.

Nodes are numbered by creation time, those without a time last, so that a window is an interval of
numbers and every list of children is sorted by time. How the work stays small:

- How many children of a parent lie in an interval is the distance between two binary searches; no child
  is looked at.
- Only a child with several parents can be counted twice, so only those, the *shared* children, are ever
  walked through: those of the focal model for n_j, those of its parents for the overlaps between parents.
- Overlaps are found without the largest list: a child that only that one holds overlaps with nothing.
- Where the parents have few children all of them are marked instead, once each, which is quicker.

So a focal model with one parent costs two binary searches a window, and work never goes with the sum of
squared in-degrees.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mdi_pipeline.compute.compilation import compiled, inlined
from mdi_pipeline.compute.parallel import n_workers
from mdi_pipeline.disruption.adjacency import Adjacency, Integers

BLOCKS_PER_WORKER = 16
"""Blocks of focal models are handed out one by one, since young or old ones may have more to do."""

N_I, N_J, N_K, N_J5, N_SHARED = range(5)
"""Kinds of counts; N_SHARED is the number of parents shared with f, summed over its children in the window."""

N_KINDS = 5

MARKING_LIMIT = 4096
"""Marking is quicker than counting and discounting for up to about this many children of the parents."""

SCANNING_LIMIT = 16
"""So short a list is read from end to end rather than by halves."""

SEVERAL = 2
"""From this many parents on a focal model's siblings can be counted twice."""

Counts = npt.NDArray[np.int32]
"""Counts by node, window and kind (`N_I` ... `N_SHARED`): what is read and written together lies together."""

MANY_SHARED = 5
"""A child that shares this many parents with the focal model counts in n_j5."""


class Family(NamedTuple):
    """Who derives from whom; `shared` holds of each list in `children` at least those with several parents."""

    parents: Adjacency
    children: Adjacency
    shared: Adjacency


class Windows(NamedTuple):
    """Window w of node f is the nodes `first[f] .. stop[w, f] - 1`; windows ascend.

    Nodes beyond `len(first)` have no time: they are never focal and in no window.
    """

    first: Integers
    stop: Integers


def count_all(family: Family, windows: Windows, progress: Callable[[float], None] | None = None) -> tuple[Counts, int]:
    """Counts of every dated node for every window, on all cores.

    `progress` hears the share of the nodes that is done.

    Returns the counts, and how many list entries were read on the way, which is the measure of work.
    """
    n_windows, n_focal = windows.stop.shape
    counts = np.zeros((len(family.parents.start) - 1, n_windows, N_KINDS), np.int32)
    scratch = threading.local()

    def set_up() -> None:
        scratch.mark = np.zeros(n_focal, np.int32)

    def count(begin: int, end: int) -> int:
        return _count_block(begin, end, family, windows, counts, scratch.mark)

    n_blocks = BLOCKS_PER_WORKER * n_workers()
    bounds = np.linspace(0, n_focal, n_blocks + 1).astype(np.int64)
    visits = 0
    with ThreadPoolExecutor(n_workers(), initializer=set_up) as pool:
        for done, block_visits in enumerate(pool.map(count, bounds[:-1], bounds[1:]), start=1):
            visits += block_visits
            if progress:
                progress(done / n_blocks)
    return counts, visits


@compiled
def _count_block(begin: int, end: int, family: Family, windows: Windows, counts: Counts, mark: Integers) -> int:
    visits = 0
    for focal in range(begin, end):
        n_parents = family.parents.start[focal + 1] - family.parents.start[focal]
        if n_parents == 0 and family.children.start[focal] == family.children.start[focal + 1]:
            continue  # most models of the Hub stand alone
        marking = n_parents >= SEVERAL and _n_siblings(focal, family, windows) <= MARKING_LIMIT
        if marking:
            visits += _mark_siblings(focal, family, windows, counts, mark)
        else:
            visits += _count_siblings(focal, family, windows, counts)
            if n_parents >= SEVERAL:
                visits += _discount_overlaps(focal, family, windows, counts)
        visits += _count_children(focal, family, windows, counts, mark, marking)
        _accumulate(focal, counts)
    return visits


# Each child is recorded in the first window that holds it; `_accumulate` adds it to the longer ones.
# Lists are passed as whole arrays with bounds: a slice would count references, and cores would wait for that.


@inlined
def _count_children(focal: int, family: Family, windows: Windows, counts: Counts, mark: Integers, marked: bool) -> int:
    """Records |A| in N_I, and n_j, n_j5 and the shared parents; where B is `marked` only its marks are looked into."""
    parents, shared = family.parents, family.shared
    visits = _count_between(family.children, focal, focal, windows, counts, N_I)
    if parents.start[focal] == parents.start[focal + 1]:
        return visits
    window, end = 0, shared.start[focal + 1]
    place, probes = _search(shared.neighbours, shared.start[focal], end, windows.first[focal])
    visits += probes
    while place < end and shared.neighbours[place] < windows.stop[-1, focal]:
        child = shared.neighbours[place]
        while child >= windows.stop[window, focal]:
            window += 1
        if not marked or mark[child] == focal + 1:
            n_shared, reads = _n_common(parents, child, focal)
            counts[focal, window, N_J] += n_shared > 0
            counts[focal, window, N_J5] += n_shared >= MANY_SHARED
            counts[focal, window, N_SHARED] += n_shared
            visits += reads
        visits += 1
        place += 1
    return visits


@inlined
def _n_siblings(focal: int, family: Family, windows: Windows) -> int:
    """The number of children of the parents that have any in the windows or later."""
    children = family.children
    n_siblings = 0
    for place in range(family.parents.start[focal], family.parents.start[focal + 1]):
        parent = family.parents.neighbours[place]
        begin, end = children.start[parent], children.start[parent + 1]
        reaches = children.neighbours[end - 1] >= windows.first[focal]
        n_siblings += reaches * (end - begin)
    return n_siblings


@inlined
def _mark_siblings(focal: int, family: Family, windows: Windows, counts: Counts, mark: Integers) -> int:
    """Records |B| in N_K by going through the parents' children, leaving a mark on each."""
    children = family.children
    visits = 0
    for origin in range(family.parents.start[focal], family.parents.start[focal + 1]):
        parent = family.parents.neighbours[origin]
        window, end = 0, children.start[parent + 1]
        place, probes = _search(children.neighbours, children.start[parent], end, windows.first[focal])
        visits += probes
        while place < end and children.neighbours[place] < windows.stop[-1, focal]:
            child = children.neighbours[place]
            if mark[child] != focal + 1:
                while child >= windows.stop[window, focal]:
                    window += 1
                mark[child] = focal + 1
                counts[focal, window, N_K] += 1
            visits += 1
            place += 1
    return visits


@inlined
def _count_siblings(focal: int, family: Family, windows: Windows, counts: Counts) -> int:
    """Records in N_K the children of every parent; a child of several is in it several times."""
    visits = 0
    for origin in range(family.parents.start[focal], family.parents.start[focal + 1]):
        parent = family.parents.neighbours[origin]
        visits += _count_between(family.children, parent, focal, windows, counts, N_K)
    return visits


@inlined
def _discount_overlaps(focal: int, family: Family, windows: Windows, counts: Counts) -> int:
    """Takes from N_K what is in it more than once, so that it records |B|."""
    parents, shared = family.parents, family.shared
    visits = 0
    largest = _largest_parent(focal, parents, shared)
    for origin in range(parents.start[focal], parents.start[focal + 1]):
        parent = parents.neighbours[origin]
        if parent == largest:
            continue
        window, end = 0, shared.start[parent + 1]
        place, probes = _search(shared.neighbours, shared.start[parent], end, windows.first[focal])
        visits += probes
        while place < end and shared.neighbours[place] < windows.stop[-1, focal]:
            child = shared.neighbours[place]
            while child >= windows.stop[window, focal]:
                window += 1
            repeated, reads = _is_repeated(child, focal, origin, largest, parents)
            counts[focal, window, N_K] -= repeated
            visits += reads
            place += 1
    return visits


@inlined
def _largest_parent(focal: int, parents: Adjacency, lists: Adjacency) -> int:
    """The parent with the longest list."""
    largest, longest = -1, -1
    for origin in range(parents.start[focal], parents.start[focal + 1]):
        parent = parents.neighbours[origin]
        length = lists.start[parent + 1] - lists.start[parent]
        if length > longest:
            largest, longest = parent, length
    return largest


@inlined
def _is_repeated(child: int, focal: int, origin: int, largest: int, parents: Adjacency) -> tuple[bool, int]:
    """Whether the child was met before the place `origin` among focal's parents; entries read.

    The children of the largest parent count as met first of all.
    """
    earlier = parents.start[focal]
    for place in range(parents.start[child], parents.start[child + 1]):
        parent = parents.neighbours[place]
        while earlier < origin and parents.neighbours[earlier] < parent:
            earlier += 1
        if parent == largest or (earlier < origin and parents.neighbours[earlier] == parent):
            return True, place - parents.start[child] + earlier - parents.start[focal] + 1
    return False, parents.start[child + 1] - parents.start[child] + earlier - parents.start[focal]


@inlined
def _count_between(lists: Adjacency, node: int, focal: int, windows: Windows, counts: Counts, kind: int) -> int:
    """Records how many neighbours of `node` lie in each window of `focal`, beyond the one before."""
    end = lists.start[node + 1]
    place, visits = _search(lists.neighbours, lists.start[node], end, windows.first[focal])
    for window in range(len(windows.stop)):
        behind, probes = _search(lists.neighbours, place, end, windows.stop[window, focal])
        counts[focal, window, kind] += behind - place
        place = behind
        visits += probes
    return visits


@inlined
def _accumulate(focal: int, counts: Counts) -> None:
    """Adds to each window what the shorter ones hold, and tells A and B apart."""
    for window in range(1, counts.shape[1]):
        for kind in range(N_KINDS):
            counts[focal, window, kind] += counts[focal, window - 1, kind]
    for window in range(counts.shape[1]):
        counts[focal, window, N_I] -= counts[focal, window, N_J]
        counts[focal, window, N_K] -= counts[focal, window, N_J]


@inlined
def _search(values: Integers, begin: int, end: int, bound: int) -> tuple[int, int]:
    """The first place in the ascending `values[begin:end]` whose value is not below `bound`; values read."""
    probes = 0
    while end - begin > SCANNING_LIMIT:
        middle = (begin + end) >> 1
        if values[middle] < bound:
            begin = middle + 1
        else:
            end = middle
        probes += 1
    place = begin
    for scanned in range(begin, end):
        place += values[scanned] < bound
    return place, probes + end - begin


@inlined
def _n_common(lists: Adjacency, one: int, other: int) -> tuple[int, int]:
    """The number of neighbours that two nodes share; entries read."""
    common = 0
    here, there = lists.start[one], lists.start[other]
    while here < lists.start[one + 1] and there < lists.start[other + 1]:
        difference = lists.neighbours[here] - lists.neighbours[there]
        common += difference == 0
        here += difference <= 0
        there += difference >= 0
    return common, here - lists.start[one] + there - lists.start[other]

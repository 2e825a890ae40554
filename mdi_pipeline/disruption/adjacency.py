"""Lists of neighbours: each node's children, each node's parents, sorted and without duplicates.

To place millions of edges straight into their lists is to wait for memory at each of them. So edges are dealt
into buckets first, each a range of nodes whose lists fit into a core's own cache, and then every bucket is sorted
by itself, on whatever core is free.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mdi_pipeline.compute.compilation import compiled
from mdi_pipeline.compute.parallel import n_workers

Integers = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]

INSERTION_SORT_LIMIT = 48
"""Lists up to this length are sorted by insertion: most are short, or sorted already."""

BUCKET_BITS = 8
"""Edges are dealt into about 2**8 buckets: one open place to write to in each, and all stay within reach."""

SMALLEST_BUCKET_BITS = 12
"""A bucket of fewer than 2**12 nodes would only be one more to go through."""

WORTH_A_THREAD = 50_000
"""Edges that take longer to deal than a thread takes to start."""

GROUPS_PER_WORKER = 8
"""Buckets are handed out in groups, since some hold more than others."""


class Adjacency(NamedTuple):
    """Neighbours of node v: `neighbours[start[v] : start[v + 1]]`, ascending, each once."""

    start: Integers
    neighbours: Integers


class Buckets(NamedTuple):
    """Edges by ranges of 2**`shift` sources: `bound[b] .. bound[b + 1] - 1` are those of bucket b, as they came."""

    shift: int
    bound: Places
    source: Integers
    target: Integers


def adjacency(source: Integers, target: Integers, n_nodes: int) -> Adjacency:
    """Every node's targets over the edges source -> target, loops and duplicates dropped.

    A counting sort by source, then each list is sorted by itself: O(E log(longest list)), on all cores. On the
    way it takes 8 bytes an edge beside the lists.
    """
    return _listed(_buckets(source, target, n_nodes), n_nodes, sort=True)


def transposed(adjacent: Adjacency) -> Adjacency:
    """The lists of the other direction: each node's sources. Nothing needs sorting, sources come in order."""
    n_nodes = len(adjacent.start) - 1
    source = np.repeat(np.arange(n_nodes, dtype=np.int32), np.diff(adjacent.start))
    return _listed(_buckets(adjacent.neighbours, source, n_nodes), n_nodes, sort=False)


def _buckets(source: Integers, target: Integers, n_nodes: int) -> Buckets:
    shift = max(n_nodes.bit_length() - BUCKET_BITS, SMALLEST_BUCKET_BITS)
    blocks = _even(len(source), min(n_workers(), 1 + len(source) // WORTH_A_THREAD))
    sizes = np.zeros((len(blocks), (n_nodes >> shift) + 1), np.int64)
    _on_all_cores(_size, [(source, *block, shift, size) for block, size in zip(blocks, sizes, strict=True)])
    # Where each block's part of each bucket begins, so that a bucket's edges stay in the order they came in.
    ends = np.cumsum(sizes.T).reshape(sizes.T.shape)
    places = (ends - sizes.T).T.copy()
    dealt = Buckets(shift, np.append(0, ends[:, -1]), np.empty_like(source), np.empty_like(target))
    _on_all_cores(_deal, [(source, target, *block, dealt, place) for block, place in zip(blocks, places, strict=True)])
    return dealt


def _listed(buckets: Buckets, n_nodes: int, *, sort: bool) -> Adjacency:
    n_buckets = len(buckets.bound) - 1
    start = np.zeros(n_nodes + 1, np.int32)
    lists = np.empty(len(buckets.source), np.int32)
    kept = np.zeros(n_buckets, np.int64)
    groups = _even(n_buckets, min(n_buckets, GROUPS_PER_WORKER * n_workers()))
    _on_all_cores(_list_group, [(*group, buckets, sort, start, lists, kept) for group in groups])
    if kept.sum() < len(lists):
        lists = _closed_up(start, lists, buckets, kept)
    start[n_nodes] = len(lists)
    return Adjacency(start, lists)


def _even(length: int, n_parts: int) -> list[tuple[int, int]]:
    """Bounds of parts of about the same length."""
    return list(itertools.pairwise(np.linspace(0, length, n_parts + 1).astype(np.int64).tolist()))


def _on_all_cores(work: Callable[..., None], parts: Sequence[tuple[Any, ...]]) -> None:
    if len(parts) == 1:
        work(*parts[0])
        return
    with ThreadPoolExecutor(n_workers()) as pool:
        list(pool.map(lambda part: work(*part), parts))


@compiled
def _size(source: Integers, begin: int, end: int, shift: int, size: Places) -> None:
    """Counts the edges of each bucket."""
    for edge in range(begin, end):
        size[source[edge] >> shift] += 1


@compiled
def _deal(source: Integers, target: Integers, begin: int, end: int, dealt: Buckets, place: Places) -> None:
    """Writes each edge into its bucket; `place` says where the next one goes."""
    for edge in range(begin, end):
        bucket = source[edge] >> dealt.shift
        dealt.source[place[bucket]] = source[edge]
        dealt.target[place[bucket]] = target[edge]
        place[bucket] += 1


@compiled
def _list_group(
    begin: int, end: int, buckets: Buckets, sort: bool, start: Integers, lists: Integers, kept: Places
) -> None:
    for bucket in range(begin, end):
        _list_bucket(bucket, buckets, sort, start, lists, kept)


@compiled
def _list_bucket(bucket: int, buckets: Buckets, sort: bool, start: Integers, lists: Integers, kept: Places) -> None:
    """Writes the lists of the bucket's nodes to where its edges are, from the left; `kept` is how much that fills."""
    source, target = buckets.source, buckets.target
    first_edge, last_edge = buckets.bound[bucket], buckets.bound[bucket + 1]
    first = bucket << buckets.shift
    n_nodes = min(1 << buckets.shift, len(start) - 1 - first)
    bound = np.zeros(n_nodes + 1, np.int32)
    for edge in range(first_edge, last_edge):
        if source[edge] != target[edge]:
            bound[source[edge] - first + 1] += 1
    bound[0] = first_edge
    for node in range(n_nodes):
        bound[node + 1] += bound[node]
    # From here on bound[v] is where v's next target goes; when all are placed it is where v's list ends.
    for edge in range(first_edge, last_edge):
        if source[edge] != target[edge]:
            lists[bound[source[edge] - first]] = target[edge]
            bound[source[edge] - first] += 1

    begin = filled = first_edge
    for node in range(n_nodes):
        end = bound[node]
        start[first + node] = filled
        if sort:
            _sort(lists, begin, end)
            for place in range(begin, end):
                if place == begin or lists[place] != lists[place - 1]:
                    # The list moves to the left over places that have been read.
                    lists[filled] = lists[place]
                    filled += 1
        else:
            filled = end
        begin = end
    kept[bucket] = filled - first_edge


@compiled
def _closed_up(start: Integers, lists: Integers, buckets: Buckets, kept: Places) -> Integers:
    """The lists without the room that dropped edges left behind each bucket's; `start` moves with them."""
    end = 0
    for bucket in range(len(kept)):
        moved = buckets.bound[bucket] - end
        for node in range(bucket << buckets.shift, min((bucket + 1) << buckets.shift, len(start) - 1)):
            start[node] -= moved
        for place in range(end, end + kept[bucket]):
            lists[place] = lists[place + moved]
        end += kept[bucket]
    return lists[:end]


@compiled
def _sort(values: Integers, begin: int, end: int) -> None:
    """Sorts `values[begin:end]` in place."""
    if end - begin > INSERTION_SORT_LIMIT:
        values[begin:end].sort()
        return
    for place in range(begin + 1, end):
        value = values[place]
        hole = place
        while hole > begin and values[hole - 1] > value:
            values[hole] = values[hole - 1]
            hole -= 1
        values[hole] = value


@compiled
def only(adjacent: Adjacency, wanted: npt.NDArray[np.bool_]) -> Adjacency:
    """The same lists with only the wanted neighbours in them."""
    n_nodes = len(adjacent.start) - 1
    start = np.empty(n_nodes + 1, np.int32)
    kept = 0
    neighbours = np.empty(len(adjacent.neighbours), np.int32)
    for node in range(n_nodes):
        start[node] = kept
        for place in range(adjacent.start[node], adjacent.start[node + 1]):
            neighbours[kept] = adjacent.neighbours[place]
            kept += wanted[adjacent.neighbours[place]]
    start[n_nodes] = kept
    return Adjacency(start, neighbours[:kept].copy())

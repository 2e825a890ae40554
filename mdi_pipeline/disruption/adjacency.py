"""Lists of neighbours: each node's children, each node's parents, sorted and without duplicates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mdi_pipeline.disruption.compilation import compiled

Integers = npt.NDArray[np.int32]

INSERTION_SORT_LIMIT = 48
"""Lists up to this length are sorted by insertion: most are short, or sorted already."""


class Adjacency(NamedTuple):
    """Neighbours of node v: `neighbours[start[v] : start[v + 1]]`, ascending, each once."""

    start: Integers
    neighbours: Integers


def adjacency(source: Integers, target: Integers, n_nodes: int) -> Adjacency:
    """Every node's targets over the edges source -> target, loops and duplicates dropped.

    A counting sort by source, then each list is sorted by itself: O(E log(longest list)).
    """
    return Adjacency(*_lists(source, target, n_nodes))


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
def _lists(source: Integers, target: Integers, n_nodes: int) -> tuple[Integers, Integers]:
    bound = np.zeros(n_nodes + 1, np.int32)
    for edge in range(len(source)):
        if source[edge] != target[edge]:
            bound[source[edge] + 1] += 1
    for node in range(n_nodes):
        bound[node + 1] += bound[node]
    lists = np.empty(bound[n_nodes], np.int32)
    # From here on bound[v] is where v's next target goes; when all are placed it is where v's list ends.
    for edge in range(len(source)):
        if source[edge] != target[edge]:
            lists[bound[source[edge]]] = target[edge]
            bound[source[edge]] += 1

    start = np.empty(n_nodes + 1, np.int32)
    begin = kept = 0
    for node in range(n_nodes):
        end = bound[node]
        _sort(lists, begin, end)
        start[node] = kept
        for place in range(begin, end):
            if place == begin or lists[place] != lists[place - 1]:
                # The list moves to the left over places that have been read.
                lists[kept] = lists[place]
                kept += 1
        begin = end
    start[n_nodes] = kept
    return start, lists[:kept]


@compiled
def transposed(adjacent: Adjacency) -> Adjacency:
    """The lists of the other direction: each node's sources. Nothing needs sorting, sources come in order."""
    n_nodes = len(adjacent.start) - 1
    start = np.zeros(n_nodes + 1, np.int32)
    for target in adjacent.neighbours:
        start[target + 1] += 1
    for node in range(n_nodes):
        start[node + 1] += start[node]
    free = start.copy()
    sources = np.empty(len(adjacent.neighbours), np.int32)
    for source in range(n_nodes):
        for place in range(adjacent.start[source], adjacent.start[source + 1]):
            target = adjacent.neighbours[place]
            sources[free[target]] = source
            free[target] += 1
    return Adjacency(start, sources)


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

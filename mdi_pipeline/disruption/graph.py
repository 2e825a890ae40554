"""A temporal graph from frames: ids become numbers in the order of creation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.compute.compilation import compiled
from mdi_pipeline.disruption.adjacency import Adjacency, Integers, adjacency, only, transposed
from mdi_pipeline.disruption.chronology import chronology
from mdi_pipeline.disruption.errors import GraphError
from mdi_pipeline.disruption.kernel import Family
from mdi_pipeline.disruption.numbering import numbered
from mdi_pipeline.disruption.times import Clock, ticks

LIMIT = 2**31 - 1
"""Nodes and edges are counted in 32 bits."""


@dataclass(frozen=True)
class TemporalGraph:
    """Models and derivations, numbered by creation time, those without a time last.

    `ids` holds the models in the order they came in, then the stubs in the order of their ids: parents and
    children that are not among the models, which have no creation time. `node[row]` is the number of row
    `row` of `ids`. `times` are the creation times of the first nodes, ascending, by `clock`. `n_known_ends` counts the
    ends of edges that are among the models.
    """

    ids: pl.Series
    node: Integers
    times: npt.NDArray[np.int64]
    clock: Clock
    family: Family
    n_stubs: int
    n_known_ends: int
    n_edges: int
    n_loops: int
    n_duplicates: int

    def n_time_reversed(self) -> int:
        """The number of edges whose child is older than the parent; those without a time do not count."""
        dated = np.repeat(np.arange(len(self.times)), np.diff(self.family.parents.start)[: len(self.times)])
        parent = self.family.parents.neighbours[: len(dated)]
        known = parent < len(self.times)
        return int(np.sum(self.times[dated[known]] < self.times[parent[known]]))

    def window_stops(self, length: int | None) -> Integers:
        """For every dated node the first one that is created more than `length` ticks later."""
        if length is None:
            return np.full(len(self.times), len(self.times), np.int32)
        return _window_stops(self.times, length)


def temporal_graph(
    edges: pl.DataFrame,
    models: pl.DataFrame,
    *,
    child: str,
    parent: str,
    id: str,  # noqa: A002
    created_at: str,
) -> TemporalGraph:
    """The graph of `edges` (columns `child`, `parent`) over `models` (columns `id`, `created_at`).

    Ids are strings or integers, each model stands once. Times are integers, dates, datetimes or durations (compared
    to the second), null where unknown. Raises `GraphError` for a missing column, ids or times of another type,
    a null or repeated id.
    """
    _require(edges, "edges", child, parent)
    _require(models, "models", id, created_at)
    ids, children, parents = models[id], edges[child], edges[parent]
    _require_ids(ids, children, parents)
    when, clock = ticks(models[created_at])

    node, sorted_times = chronology(when)
    child_node, parent_node, stubs = numbered(ids, node, children, parents)
    n_nodes = len(ids) + len(stubs)
    n_loops = int(np.sum(child_node == parent_node))
    family = family_of(child_node, parent_node, n_nodes)
    return TemporalGraph(
        ids=pl.concat([ids, stubs], rechunk=False),
        node=np.concatenate([node, np.arange(len(ids), n_nodes, dtype=np.int32)]),
        times=sorted_times,
        clock=clock,
        family=family,
        n_stubs=len(stubs),
        n_known_ends=sum(int(np.count_nonzero(ends < len(ids))) for ends in (child_node, parent_node)),
        n_edges=len(edges),
        n_loops=n_loops,
        n_duplicates=len(edges) - n_loops - len(family.parents.neighbours),
    )


def _require(frame: pl.DataFrame, name: str, *columns: str) -> None:
    for column in columns:
        if column not in frame.columns:
            present = ", ".join(frame.columns)
            raise GraphError(f"{name} have no column '{column}'; their columns are {present}")


def _require_ids(ids: pl.Series, children: pl.Series, parents: pl.Series) -> None:
    for series, name in ((ids, "models"), (children, "edges"), (parents, "edges")):
        if not (series.dtype == pl.String or series.dtype.is_integer()):
            raise GraphError(f"'{series.name}' of the {name} is {series.dtype}; ids must be strings or integers")
        if (series.dtype == pl.String) != (ids.dtype == pl.String):
            raise GraphError(
                f"'{series.name}' of the edges is {series.dtype}, '{ids.name}' of the models is {ids.dtype}; "
                "make both strings or both integers"
            )
        if series.null_count():
            rows = f"{series.null_count():,} rows, first in row {series.is_null().arg_true()[0] + 1:,}"
            raise GraphError(f"'{series.name}' of the {name} is null in {rows}")
    if max(len(ids), len(children)) > LIMIT:
        raise GraphError(f"more than {LIMIT:,} models or edges")


def family_of(child: Integers, parent: Integers, n_nodes: int) -> Family:
    """Who derives from whom, over the edges child -> parent, loops and duplicates dropped."""
    parents = adjacency(child, parent, n_nodes)
    children = transposed(parents)
    return Family(parents, children, _shared_children(parents, children))


def _shared_children(parents: Adjacency, children: Adjacency) -> Adjacency:
    """Of each list of children those with several parents, or the lists as they are where most are."""
    several = np.diff(parents.start) > 1
    n_shared = int(np.diff(parents.start)[several].sum())
    # A list of its own costs memory; it pays where it is much the shorter one.
    return only(children, several) if 2 * n_shared < len(children.neighbours) else children


@compiled
def _window_stops(times: npt.NDArray[np.int64], length: int) -> Integers:
    stop = np.empty(len(times), np.int32)
    end = 0
    for node in range(len(times)):
        while end < len(times) and times[end] - times[node] <= length:
            end += 1
        stop[node] = end
    return stop

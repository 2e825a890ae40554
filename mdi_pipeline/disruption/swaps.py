"""Random networks with the same degrees: children of the same kind swap parents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.compute.compilation import compiled, inlined
from mdi_pipeline.disruption.adjacency import Integers
from mdi_pipeline.disruption.graph import TemporalGraph

Chances = npt.NDArray[np.uint32]


class Slots(NamedTuple):
    """Edges as slots: slot s says that `child[s]` derives from `parent[s]`, which swaps change in place.

    The slots of group g are `bound[g] .. bound[g + 1] - 1`: they may swap parents with each other. Those from
    `bound[-1]` on stay as they are. What is older than the child of slot s are the nodes below `older[s]`, and
    those from `undated` on, which have no time. `sibling[s]` leads to another slot of the same child, and on in
    a circle through all of them.
    """

    child: Integers
    parent: Integers
    older: Integers
    sibling: Integers
    bound: Integers
    undated: int


def slots_of(graph: TemporalGraph, edges: pl.DataFrame, models: pl.DataFrame) -> Slots:
    """The graph's edges as slots, grouped by the child's calendar month of birth (UTC) and the relation.

    The graph is that of these `edges` (`child_id`, `parent_id`, `relation`) and `models` (`model_id`, `created_at`).
    Edges of a child without a time, or whose parent is not older, are in no group.
    """
    start, parent = graph.family.parents
    n_dated = len(graph.times)
    child = np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))
    older = np.zeros(len(start) - 1, np.int32)
    older[:n_dated] = np.searchsorted(graph.times, graph.times)
    groups = _groups(graph, edges, models)
    free = (child < n_dated) & ((parent < older[child]) | (parent >= n_dated))
    order = np.lexsort((groups, ~free))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    # The next edge in the lists of parents, and from the last of a child's back to its first.
    sibling = np.arange(1, len(child) + 1)
    has_parent = np.diff(start) > 0
    sibling[start[1:][has_parent] - 1] = start[:-1][has_parent]
    _, sizes = np.unique(groups[free], return_counts=True)
    return Slots(
        child=child[order],
        parent=parent[order],
        older=older[child[order]],
        sibling=place[sibling[order]].astype(np.int32),
        bound=np.append(0, np.cumsum(sizes)).astype(np.int32),
        undated=n_dated,
    )


def _groups(graph: TemporalGraph, edges: pl.DataFrame, models: pl.DataFrame) -> npt.NDArray[np.uint32]:
    """The number of the group of each of the graph's edges, by child and parent; months ascend."""
    numbers = pl.DataFrame({"id": graph.ids, "node": graph.node})
    return (
        edges.filter(pl.col("child_id") != pl.col("parent_id"))
        .select("child_id", "parent_id", "relation")
        .join(
            models.select("model_id", month=pl.col("created_at").dt.truncate("1mo")),
            left_on="child_id",
            right_on="model_id",
            how="left",
        )
        .join(numbers.rename({"node": "child"}), left_on="child_id", right_on="id")
        .join(numbers.rename({"node": "parent"}), left_on="parent_id", right_on="id")
        .sort("child", "parent", "relation")
        .unique(["child", "parent"], keep="first", maintain_order=True)
        .select(group=pl.struct("month", "relation").rank("dense"))["group"]
        .to_numpy()
    )


def shuffle(slots: Slots, sweeps: int, random: np.random.Generator) -> int:
    """Tries `sweeps` swaps for every slot of a group, in place; returns how many succeeded.

    Group after group, each slot in turn with one drawn from its group. A step undoes itself as likely as it is
    done, so that in the long run each network that swaps can reach is as likely as any other; that holds for any
    order of the slots, and in this one all that a step reads is in a core's own cache.
    """
    chances = random.integers(0, 2**32, sweeps * int(slots.bound[-1]), np.uint32)
    return _swap(slots, sweeps, chances)


@compiled
def _swap(slots: Slots, sweeps: int, chances: Chances) -> int:
    """Swaps the parents of two slots of a group where both new edges are possible and neither exists."""
    parent, older = slots.parent, slots.older
    succeeded = attempt = 0
    for group in range(len(slots.bound) - 1):
        begin, end = slots.bound[group], slots.bound[group + 1]
        for _ in range(sweeps):
            for here in range(begin, end):
                # A whole number below the group's size, from one below 2**32.
                there = begin + ((np.int64(chances[attempt]) * (end - begin)) >> 32)
                attempt += 1
                mine, theirs = parent[here], parent[there]
                if (
                    mine != theirs
                    and (theirs < older[here] or theirs >= slots.undated)
                    and (mine < older[there] or mine >= slots.undated)
                    and not _has_another(slots, here, theirs)
                    and not _has_another(slots, there, mine)
                ):
                    parent[here], parent[there] = theirs, mine
                    succeeded += 1
    return succeeded


@inlined
def _has_another(slots: Slots, slot: int, parent: int) -> bool:
    """Whether another slot of the same child holds this parent."""
    other = slots.sibling[slot]
    while other != slot:
        if slots.parent[other] == parent:
            return True
        other = slots.sibling[other]
    return False

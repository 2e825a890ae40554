"""Random networks with the same degrees: children of the same kind swap parents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mdi_pipeline.disruption.adjacency import Integers
from mdi_pipeline.disruption.compilation import compiled


@dataclass(frozen=True)
class Slots:
    """Edges as slots: slot s says that `child[s]` derives from `parent[s]`, which swaps change in place.

    The slots of node c are `start[c] .. start[c + 1] - 1`. `members` holds the slots that may be swapped,
    group by group; `group_begin` and `group_size` say for each of them where its group is in `members`.
    `born[v]` is the time of node v, below all others where it is unknown.
    """

    start: Integers
    child: Integers
    parent: Integers
    born: npt.NDArray[np.int64]
    members: Integers
    group_begin: Integers
    group_size: Integers


def shuffle(slots: Slots, sweeps: int, random: np.random.Generator) -> int:
    """Tries `sweeps` swaps for every slot that may be swapped, in place; returns how many succeeded."""
    n_members = len(slots.members)
    succeeded = 0
    for _ in range(sweeps):
        one = random.integers(0, max(n_members, 1), n_members)
        chance = random.random(n_members)
        succeeded += _swap(
            (slots.start, slots.child, slots.parent, slots.born),
            (slots.members, slots.group_begin, slots.group_size),
            one,
            chance,
        )
    return succeeded


@compiled
def _swap(
    edges: tuple[Integers, Integers, Integers, npt.NDArray[np.int64]],
    groups: tuple[Integers, Integers, Integers],
    one: npt.NDArray[np.int64],
    chance: npt.NDArray[np.float64],
) -> int:
    """Swaps the parents of two slots of a group where both new edges are possible and neither exists."""
    start, child, parent, born = edges
    members, group_begin, group_size = groups
    succeeded = 0
    for attempt in range(len(one)):
        here = members[one[attempt]]
        other = group_begin[one[attempt]] + int(chance[attempt] * group_size[one[attempt]])
        there = members[other]
        possible = (
            parent[here] != parent[there]
            and born[parent[there]] < born[child[here]]
            and born[parent[here]] < born[child[there]]
        )
        # Every parent of every child involved is compared, so that no edge comes twice.
        for slot in range(start[child[here]], start[child[here] + 1]):
            possible = possible and parent[slot] != parent[there]
        for slot in range(start[child[there]], start[child[there] + 1]):
            possible = possible and parent[slot] != parent[here]
        if possible:
            parent[here], parent[there] = parent[there], parent[here]
            succeeded += 1
    return succeeded

"""Random networks with the same degrees: children of the same kind swap parents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mdi_pipeline.compute.compilation import compiled, inlined
from mdi_pipeline.disruption.adjacency import Integers

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

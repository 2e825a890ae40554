"""Ids, whatever they are, to numbers of nodes."""

from __future__ import annotations

from typing import cast

import numpy as np
import polars as pl

from mdi_pipeline.disruption.adjacency import Integers
from mdi_pipeline.disruption.errors import GraphError

TABLE_ROOM = 8
"""Integer ids are looked up in a table if it needs no more places than this many for each model and edge."""


def numbered(
    ids: pl.Series, node: Integers, children: pl.Series, parents: pl.Series
) -> tuple[Integers, Integers, pl.Series]:
    """Both ends of every edge as numbers of nodes, and the stubs: ids that are not among `ids`, sorted.

    `node` numbers the `ids`; the stubs follow. Raises `GraphError` where an id repeats, or where one of the
    edges cannot be of the type that `ids` has.
    """
    _require_unique(ids)
    try:
        ends = pl.concat([children.rename("id").cast(ids.dtype), parents.rename("id").cast(ids.dtype)])
    except pl.exceptions.InvalidOperationError as error:
        raise GraphError(f"an id of the edges does not fit {ids.dtype}, the type of '{ids.name}'") from error
    found = _look_up(ends, ids, node)
    missing = np.flatnonzero(found < 0)
    strangers = ends.gather(missing)
    stubs = strangers.unique().sort()
    if len(stubs):
        found[missing] = _look_up(strangers, stubs, np.arange(len(ids), len(ids) + len(stubs), dtype=np.int32))
    return found[: len(children)], found[len(children) :], stubs.rename(ids.name)


def _require_unique(ids: pl.Series) -> None:
    if ids.n_unique() < len(ids):
        repeated = ids.filter(ids.is_duplicated())
        raise GraphError(f"'{ids.name}' of the models repeats: {repeated[0]!r} and {repeated.n_unique() - 1:,} others")


def _look_up(wanted: pl.Series, ids: pl.Series, node: Integers) -> Integers:
    """The number of each wanted id, -1 where there is none."""
    if ids.dtype.is_integer() and len(ids) and len(wanted):
        low, high = cast("int", ids.min()), cast("int", ids.max())
        if high - low < TABLE_ROOM * (len(ids) + len(wanted)):
            return _look_up_in_table(wanted, ids, node, low, high)
    numbers = pl.DataFrame({"id": ids, "node": node})
    found = wanted.to_frame("id").join(numbers, on="id", how="left", maintain_order="left")["node"]
    return found.fill_null(-1).to_numpy(writable=True)


def _look_up_in_table(wanted: pl.Series, ids: pl.Series, node: Integers, low: int, high: int) -> Integers:
    table = np.full(high - low + 1, -1, np.int32)
    table[(ids - low).to_numpy()] = node
    inside = wanted.is_between(low, high)
    found: Integers = np.full(len(wanted), -1, np.int32)
    found[inside.to_numpy()] = table[(wanted.filter(inside) - low).to_numpy()]
    return found

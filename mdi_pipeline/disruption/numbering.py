"""Ids, whatever they are, to numbers of nodes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.compute.compilation import compiled
from mdi_pipeline.compute.id_lookup import places
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
    try:
        ends = [end.cast(ids.dtype) for end in (children, parents)]
    except pl.exceptions.InvalidOperationError as error:
        raise GraphError(f"an id of the edges does not fit {ids.dtype}, the type of '{ids.name}'") from error
    found = _look_up(ends, ids, node)
    missing = [np.flatnonzero(numbers < 0) for numbers in found]
    strangers = [end.gather(rows) for end, rows in zip(ends, missing, strict=True)]
    stubs = pl.concat([end.rename(ids.name) for end in strangers]).unique().sort()
    if len(stubs):
        stub_nodes = np.arange(len(ids), len(ids) + len(stubs), dtype=np.int32)
        for numbers, rows, nodes in zip(found, missing, _look_up(strangers, stubs, stub_nodes), strict=True):
            numbers[rows] = nodes
    return found[0], found[1], stubs


def _look_up(ends: list[pl.Series], ids: pl.Series, node: Integers) -> list[Integers]:
    """The number of each id of each of the ends, -1 where there is none."""
    if ids.dtype.is_integer() and ids.dtype != pl.UInt64 and len(ids):
        low, high = cast("int", ids.min()), cast("int", ids.max())
        if high - low < TABLE_ROOM * (len(ids) + len(ends[0])):
            return _look_up_in_table(ends, ids, node, low, high)
    if ids.dtype == pl.String and ids.is_sorted():
        if (ids == ids.shift()).any():
            raise _repeats(ids)
        return [_numbers(node, places(end, ids)) for end in ends]
    wanted = pl.concat([end.rename("id") for end in ends]).to_frame()
    numbers = pl.DataFrame({"id": ids, "node": node})
    try:
        # All ends at once, and repeats found on the way: so Polars makes its table of the ids but once.
        joined = wanted.join(numbers, on="id", how="left", validate="m:1", maintain_order="left")
    except pl.exceptions.ComputeError as error:
        raise _repeats(ids) from error
    found = joined["node"].fill_null(-1).to_numpy(writable=True)
    return np.split(found, np.cumsum([len(end) for end in ends])[:-1])


def _numbers(node: Integers, rows: pl.Series) -> Integers:
    """The numbers of rows of the ids, -1 where there is none."""
    numbers: Integers = np.append(node, np.int32(-1))[rows.fill_null(len(node)).to_numpy()]
    return numbers


def _look_up_in_table(ends: list[pl.Series], ids: pl.Series, node: Integers, low: int, high: int) -> list[Integers]:
    table: Integers = np.full(high - low + 1, -1, np.int32)
    if not _fill(table, _whole(ids), low, node):
        raise _repeats(ids)
    with ThreadPoolExecutor(len(ends)) as pool:
        return list(pool.map(lambda end: _read_chunks(table, end, low), ends))


def _read_chunks(table: Integers, end: pl.Series, low: int) -> Integers:
    """The numbers of the ids, chunk by chunk: to join the chunks would copy what is only read once."""
    found = np.empty(len(end), np.int32)
    begin = 0
    for chunk in end.get_chunks():
        _read(table, _whole(chunk), low, found[begin : begin + len(chunk)])
        begin += len(chunk)
    return found


def _whole(ids: pl.Series) -> npt.NDArray[np.int64]:
    return ids.cast(pl.Int64).to_numpy()


def _repeats(ids: pl.Series) -> GraphError:
    repeated = ids.filter(ids.is_duplicated())
    others = repeated.n_unique() - 1
    return GraphError(f"'{ids.name}' of the models repeats: {repeated[0]!r} and {others:,} others")


@compiled
def _fill(table: Integers, ids: npt.NDArray[np.int64], low: int, node: Integers) -> bool:
    """Writes each id's number into its place; false where the place is taken."""
    for row in range(len(ids)):
        if table[ids[row] - low] >= 0:
            return False
        table[ids[row] - low] = node[row]
    return True


@compiled
def _read(table: Integers, ids: npt.NDArray[np.int64], low: int, found: Integers) -> None:
    high = low + len(table) - 1
    for row in range(len(ids)):
        found[row] = table[ids[row] - low] if low <= ids[row] <= high else -1

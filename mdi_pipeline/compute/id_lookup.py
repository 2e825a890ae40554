"""Where ids stand in a table: tables are sorted by id, so that ids are found by merging, without a hash of each."""

from __future__ import annotations

import polars as pl


def places(ids: pl.Series, table_ids: pl.Series) -> pl.Series:
    """The row (UInt32) of each id in a table's ids, each of which stands there once; null where it is not there.

    Where both ascend, as in the lake, 3 M ids of 3 M take 0.1 s; a hash join takes ten times as long. Ids in no order
    are first made unique and sorted, and so is a table.

    >>> places(pl.Series(["b", "x", "a", "b"]), pl.Series(["a", "b", "c"])).to_list()
    [1, None, 0, 1]
    """
    if not table_ids.is_sorted():
        order = table_ids.arg_sort()
        return order.gather(places(ids, table_ids.gather(order)))
    if ids.is_sorted():
        return _merged(ids, table_ids)
    once = ids.unique().sort()
    found = pl.DataFrame({"id": once, "place": _merged(once, table_ids)})
    return pl.DataFrame({"id": ids}).join(found, on="id", how="left", maintain_order="left")["place"]


def ends(edges: pl.DataFrame, table_ids: pl.Series) -> pl.DataFrame:
    """The edges (`child_id`, `parent_id`, others) whose ends are both in a table, with its rows `child` and `parent`.

    The order of the edges is kept.
    """
    numbers = {end: places(edges[f"{end}_id"], table_ids) for end in ("child", "parent")}
    return edges.with_columns(**numbers).drop_nulls(list(numbers))


def _merged(ids: pl.Series, table_ids: pl.Series) -> pl.Series:
    table = pl.DataFrame({"id": table_ids, "found": table_ids}).with_row_index("place")
    # The last id of the table that is not greater: the same one, or none is.
    nearest = pl.DataFrame({"id": ids}).join_asof(table, on="id", check_sortedness=False)
    return nearest.select(pl.when(pl.col("id") == pl.col("found")).then("place").alias("place"))["place"]

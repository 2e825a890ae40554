"""Finding ids by merging, against a dictionary."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.compute.id_lookup import ends, places

IDS = st.lists(st.text(st.sampled_from("ab/é\U0001f917"), max_size=4), max_size=30)


@given(IDS, IDS, st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_each_id_is_found_where_it_stands(
    ids: list[str], table: list[str], ids_ascend: bool, table_ascends: bool
) -> None:
    held = list(dict.fromkeys(sorted(table) if table_ascends else table))
    asked = sorted(ids) if ids_ascend else ids
    found = places(pl.Series(asked, dtype=pl.String), pl.Series(held, dtype=pl.String))
    assert found.dtype == pl.UInt32
    assert found.to_list() == [held.index(one) if one in held else None for one in asked]


def test_edges_keep_their_order_and_lose_those_that_lead_out() -> None:
    table = pl.Series(["a", "b", "c"])
    edges = pl.DataFrame({"child_id": ["c", "b", "x"], "parent_id": ["a", "a", "b"], "relation": ["merge"] * 3})
    assert ends(edges, table).select("child", "parent", "relation").rows() == [(2, 0, "merge"), (1, 0, "merge")]

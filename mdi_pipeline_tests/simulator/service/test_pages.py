"""The models of a simulated Hub, page by page: every model once, in order, while models change."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.hub.live.listing import cursor_after
from mdi_pipeline.simulator.service.pages import ORDERS, BadCursor, SimulatedListing, cursor_of, place_of
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, models


def walk(listing: SimulatedListing, order: str, limit: int) -> list[dict[str, object]]:
    cursor, records = None, []
    while True:
        page, cursor = listing.page(order, limit, cursor, ["createdAt", "lastModified"], [])
        records += page
        if cursor is None:
            return records


@settings(max_examples=12)
@given(
    order=st.sampled_from(ORDERS),
    limit=st.integers(150, 1_000),
    n_changes=st.integers(0, 12),
    seed=st.integers(0, 100),
)
def test_pages_give_every_model_once_and_in_order(order: str, limit: int, n_changes: int, seed: int) -> None:
    listing = SimulatedListing(models())
    for number in range(n_changes):
        listing.churn(random.Random(seed + number))
    records = walk(listing, order, limit)
    ids = [record["id"] for record in records]
    assert len(set(ids)) == len(ids) == SIZE
    assert set(ids) == listing.ids()
    keys = [(record["lastModified"] if order == "lastModified" else "", record["_id"]) for record in records]
    assert keys == sorted(keys, reverse=True)


@given(st.text("0123456789abcdef", min_size=24, max_size=24), st.text(max_size=24))
def test_a_cursor_names_its_place(object_id: str, moment: str) -> None:
    assert place_of(cursor_of((moment, object_id), "lastModified"), "lastModified") == (moment, object_id)
    assert place_of(cursor_after(object_id), "createdAt") == ("", object_id)
    with pytest.raises(BadCursor):
        place_of("not a cursor", "createdAt")


def test_what_is_modified_comes_first() -> None:
    listing = SimulatedListing(models())
    oldest = listing.models["_id"][-1]
    record = listing.touch(oldest, datetime.now(UTC))
    again = listing.touch(oldest, datetime.now(UTC) + timedelta(seconds=1))
    assert again["likes"] == record["likes"] + 1
    assert walk(listing, "lastModified", 1_000)[0]["_id"] == oldest

"""The archive of a simulated Hub: a revision a day, whose columns drift over the years."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.service.archive import SimulatedArchive, revision_of

DAYS = [date(2025, 1, day) for day in (1, 2, 4)]


def no_listing(_: date) -> pl.DataFrame:
    raise AssertionError("nobody asked for a file")


@given(st.lists(st.dates(), unique=True, min_size=1, max_size=8).map(sorted), st.dates())
def test_each_day_has_a_revision_of_its_own_and_main_is_the_newest(days: list[date], other: date) -> None:
    archive = SimulatedArchive(days, no_listing, Path())
    assert [archive.day_of(revision_of(day)) for day in days] == days
    assert archive.day_of("main") == days[-1]
    assert archive.day_of(revision_of(other)) == (other if other in days else None)
    assert [commit["id"] for commit in archive.commits()] == [revision_of(day) for day in reversed(days)]


def test_an_archive_without_days_has_no_revision() -> None:
    archive = SimulatedArchive([], no_listing, Path())
    assert archive.day_of("main") is None
    assert archive.commits() == []


def test_columns_are_missing_at_first_and_cards_become_structs_later(tmp_path: Path) -> None:
    archive = SimulatedArchive(DAYS, lambda day: simulated_listing(2_000, 0, day), tmp_path)
    early, late = (pl.read_parquet(archive.file(day)) for day in (DAYS[0], DAYS[-1]))
    assert set(late.columns) - set(early.columns) == {"baseModels", "downloadsAllTime"}
    assert early.schema["cardData"] == pl.String
    assert late["cardData"].struct.fields == ["base_model", "base_model_relation"]
    cards = simulated_listing(2_000, 0, DAYS[-1]).join(late, on="id", suffix="_late").drop_nulls("cardData")
    for text, struct in cards.select("cardData", "cardData_late").iter_rows():
        parent = json.loads(text).get("base_model")
        if isinstance(parent, str):
            assert struct["base_model"] == [parent]


def test_the_file_of_a_day_is_written_once(tmp_path: Path) -> None:
    asked: list[date] = []

    def listing(day: date) -> pl.DataFrame:
        asked.append(day)
        return simulated_listing(2_000, 0, day)

    archive = SimulatedArchive(DAYS, listing, tmp_path)
    assert archive.file(DAYS[1]) == archive.file(DAYS[1])
    assert asked == [DAYS[1]]

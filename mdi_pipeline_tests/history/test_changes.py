"""Whose standing changed, against the definition row by row."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.history.changes import score_changes
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.vocabulary import STATUSES

DAY = date(2026, 8, 15)
NONE_TAKEN = pl.DataFrame(schema={"model_id": pl.String})
Scores = dict[tuple[str, int], tuple[str, float | None]]

standing = st.one_of(
    st.tuples(st.just("scored"), st.sampled_from([-1.0, 0.0, 0.5, 1.0])),
    st.tuples(st.sampled_from([status for status in STATUSES if status != "scored"]), st.sampled_from([None, 1.0])),
)
scores = st.dictionaries(st.tuples(st.sampled_from("abcde"), st.sampled_from([30, 90])), standing, max_size=10)


def frame(scores: Scores) -> pl.LazyFrame:
    rows = [(model, window, mdi, status) for (model, window), (status, mdi) in scores.items()]
    schema = {"model_id": pl.String, "window_days": pl.Int32, "mdi": pl.Float64, "status": pl.String}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def oracle(now: Scores, before: Scores) -> dict[tuple[str, int], str]:
    windows = {window for _, window in now} & {window for _, window in before}
    changes = {}
    for key in {*now, *before}:
        is_now, was = (
            status == "scored" and mdi is not None and mdi > 0
            for status, mdi in (now.get(key, ("root", None)), before.get(key, ("root", None)))
        )
        if key[1] in windows and is_now != was:
            changes[key] = "became_disruptive" if is_now else "ceased_to_be"
    return changes


@given(scores, scores)
def test_as_the_definition_says(now: Scores, before: Scores) -> None:
    found = score_changes(frame(now), frame(before), NONE_TAKEN, DAY)
    assert {
        (row[0], row[1]): row[2] for row in found.select("model_id", "window_days", "change").iter_rows()
    } == oracle(now, before)
    assert found.equals(TABLES["score_changes"].conform(found))


@given(scores)
def test_nothing_changes_where_nothing_changed(same: Scores) -> None:
    assert score_changes(frame(same), frame(same), NONE_TAKEN, DAY).is_empty()


def test_who_came_who_went_and_how_it_stood() -> None:
    before = frame({("gone", 90): ("scored", 0.4), ("open", 90): ("censored", 0.6), ("same", 90): ("scored", 1.0)})
    now = frame({("open", 90): ("scored", 0.7), ("same", 90): ("scored", 0.9), ("other window", 45): ("scored", 1.0)})
    found = score_changes(now, before, NONE_TAKEN, DAY)
    assert found.rows() == [
        ("gone", 90, DAY, "ceased_to_be", 0.4, None, "scored", None),
        ("open", 90, DAY, "became_disruptive", 0.6, 0.7, "censored", "scored"),
    ]


def test_m7_a_repository_that_took_an_id_is_never_compared_with_the_one_before() -> None:
    names = ["both", "came", "went", "neither", "same"]
    standings: list[list[tuple[str, float | None]]] = [
        [("scored", 0.4), ("scored", -1.0), ("scored", 0.2), ("scored", -1.0), ("scored", 0.5)],
        [("scored", 0.7), ("scored", 0.9), ("scored", 0.0), ("scored", 0.0), ("scored", 0.6)],
    ]
    before, now = (frame({(name, 90): one for name, one in zip(names, crawl, strict=True)}) for crawl in standings)
    taken = pl.DataFrame({"model_id": ["both", "came", "went", "neither"]})
    assert score_changes(now, before, taken, DAY).rows() == [
        ("both", 90, DAY, "became_disruptive", None, 0.7, None, "scored"),
        ("came", 90, DAY, "became_disruptive", None, 0.9, None, "scored"),
        ("went", 90, DAY, "ceased_to_be", 0.2, None, "scored", None),
    ]

"""What is counted around a model's creation, against the definition by loops."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.lineage.habits import author_habits
from mdi_pipeline.statistics.history import LaterChildren, history_before, order_is_unknown
from mdi_pipeline_tests.made_up import START

WINDOW = 5
IDS = "abcdefgh"

times = st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=len(IDS), max_size=len(IDS))
owners = st.lists(st.sampled_from(["x", "y", None]), min_size=len(IDS), max_size=len(IDS))
pairs = st.sets(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)).filter(lambda pair: pair[0] != pair[1]))


def tables(days: list[int | None], authors: list[str | None], links: set[tuple[str, str]]) -> list[pl.DataFrame]:
    created: list[datetime | None] = [None if day is None else START + timedelta(days=day) for day in days]
    models = pl.DataFrame(
        {"model_id": list(IDS), "author": authors, "created_at": created},
        schema={"model_id": pl.String, "author": pl.String, "created_at": pl.Datetime("us", "UTC")},
    )
    edges = pl.DataFrame(sorted(links), schema={"child_id": pl.String, "parent_id": pl.String}, orient="row")
    return [models, edges]


@given(times, owners, pairs)
@settings(max_examples=60, deadline=None)
def test_history_is_what_was_there_before(
    days: list[int | None], authors: list[str | None], links: set[tuple[str, str]]
) -> None:
    born = dict(zip(IDS, days, strict=True))
    owner = {model: author or model for model, author in zip(IDS, authors, strict=True)}
    expected = []
    for model in IDS:
        now = born[model]
        parents = [parent for child, parent in links if child == model]
        if now is None or not parents:
            continue
        before = {other for other in IDS if born[other] is not None and born[other] < now}
        inflow = sum(child in before and born[child] >= now - WINDOW and p in parents for child, p in links)
        derived = sum(child in before and owner[parent] == owner[model] for child, parent in links)
        expected.append((model, inflow, derived))
    assert history_before(*tables(days, authors, links), WINDOW).rows() == expected


@given(times, owners, st.lists(st.sampled_from(["quantized", "merge", None]), min_size=len(IDS), max_size=len(IDS)))
@settings(max_examples=60, deadline=None)
def test_habits_are_what_the_author_had_made_before(
    days: list[int | None], authors: list[str | None], relations: list[str | None]
) -> None:
    models = tables(days, authors, set())[0].with_columns(relation=pl.Series(relations, dtype=pl.String))
    owner = {model: author or model for model, author in zip(IDS, authors, strict=True)}
    expected = []
    for model, day in zip(IDS, days, strict=True):
        made = [
            relation
            for other, born, relation in zip(IDS, days, relations, strict=True)
            if day is not None and born is not None and born < day and owner[other] == owner[model]
        ]
        if day is not None:
            expected.append((model, len(made), made.count("quantized")))
    assert models.select("model_id").hstack(author_habits(models)).drop_nulls().rows() == expected


@given(times, owners, pairs)
@settings(max_examples=60, deadline=None)
def test_later_children_come_after_the_window_and_before_twice_of_it(
    days: list[int | None], authors: list[str | None], links: set[tuple[str, str]]
) -> None:
    born = dict(zip(IDS, days, strict=True))
    dated, expected = [], []
    for number, model in enumerate(IDS):
        if (now := born[model]) is None:
            continue
        children = [born[child] for child, parent in links if parent == model]
        dated.append(number)
        expected.append(sum(day is not None and now + WINDOW < day <= now + 2 * WINDOW for day in children))
    later = LaterChildren(*tables(days, authors, links)).after_window(pl.Series(dated, dtype=pl.UInt32), WINDOW)
    assert later.to_list() == expected


@given(times, owners, pairs)
@settings(max_examples=60, deadline=None)
def test_order_is_unknown_among_parents_children_and_siblings_of_one_second(
    days: list[int | None], authors: list[str | None], links: set[tuple[str, str]]
) -> None:
    born = dict(zip(IDS, days, strict=True))
    tied = set()
    for child, parent in links:
        if born[child] is None:
            continue
        if born[child] == born[parent]:
            tied |= {child, parent}
        tied |= {child for other, p in links if p == parent and other != child and born[other] == born[child]}
    assert order_is_unknown(*tables(days, authors, links))["model_id"].to_list() == sorted(tied)

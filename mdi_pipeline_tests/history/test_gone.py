"""Models that earlier crawls held, and which of those are looked into."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.history.gone import MAX_CRAWLS, earlier_crawls, gone_models
from mdi_pipeline_tests.made_up import made_up_crawl


def test_the_last_crawl_that_held_a_model_speaks_for_it() -> None:
    crawl = made_up_crawl(800, seed=3)
    models, edges = crawl["models"], crawl["lineage_edges"]
    left = models.tail(400)
    newer = models.tail(600).with_columns(likes=pl.lit(7, dtype=pl.Int64))
    gone = gone_models(left.lazy(), [(newer.lazy(), edges.clear().lazy()), (models.lazy(), edges.lazy())])
    assert gone.models.height == models.height - 400
    assert gone.models.filter(pl.col("model_id").is_in(newer["model_id"].implode()))["likes"].unique().to_list() == [7]
    oldest = models.head(models.height - 600)["model_id"].implode()
    assert gone.edges.height == edges.filter(pl.col("child_id").is_in(oldest)).height


@given(st.sets(st.integers(0, 400), max_size=200))
def test_of_many_crawls_some_are_taken_first_and_last_among_them(days: set[int]) -> None:
    before = [date(2025, 1, 1) + timedelta(days=day) for day in sorted(days)]
    taken = earlier_crawls(before)
    assert taken == sorted(taken, reverse=True)
    assert len(taken) == min(len(before), MAX_CRAWLS)
    assert set(taken) <= set(before)
    if before:
        assert taken[0] == before[-1]
        assert len(before) == 1 or taken[-1] == before[0]

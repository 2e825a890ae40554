"""Which models a statistic speaks of."""

import polars as pl
from polars.testing import assert_frame_equal

from mdi_pipeline.statistics.populations import POPULATION_FILTERS, scored_models
from mdi_pipeline.tables.statistics import POPULATIONS

Crawl = dict[str, pl.DataFrame]


def test_populations_are_those_of_the_table() -> None:
    assert tuple(POPULATION_FILTERS) == POPULATIONS


def test_models_are_the_same_ones_whatever_is_to_be_known_of_them(crawl: Crawl) -> None:
    tables = crawl["disruption_scores"], crawl["models"]
    nothing, one, more = (
        scored_models(*tables, 90, known) for known in ([], ["created_at"], ["created_at", "model_id", "main_parent"])
    )
    assert set(one.columns) == set(nothing.columns) | {"created_at"}
    assert_frame_equal(more.select(one.columns), one)
    assert_frame_equal(one.select(nothing.columns), nothing)

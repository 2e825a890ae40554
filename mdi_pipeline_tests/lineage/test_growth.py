"""How counters grew since the crawl before."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from mdi_pipeline.lineage.growth import Counted, counter_growth
from mdi_pipeline.lineage.nodes import network_models
from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.lineage.crawls import crawl, model

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def nodes(snapshots: pl.LazyFrame, growth: pl.DataFrame | None = None) -> pl.DataFrame:
    return TABLES["models"].conform(network_models(snapshots, parse_lineage(snapshots).edges, growth))


def test_growth_is_what_was_added_since_both_crawls_read_it() -> None:
    before = crawl(
        model("a/kept", NOON, downloads=10, likes=5, last_modified=NOON),
        model("a/gone", NOON, likes=1),
        model("a/unknown", NOON, likes=None),
    )
    now = crawl(
        model("a/kept", NOON, downloads=7, likes=9, last_modified=NOON),
        model("a/new", NOON, likes=3),
        model("a/unknown", NOON, likes=2),
    )
    growth = counter_growth(Counted(now), Counted(before))
    columns = ["model_id", "downloads_change", "likes_change"]
    assert nodes(now, growth).select(columns).rows() == [
        ("a/kept", -3, 4),
        ("a/new", None, None),
        ("a/unknown", None, None),
    ]
    assert nodes(now)["likes_change"].null_count() == 3
    assert nodes(now, counter_growth(Counted(now), None))["likes_change"].null_count() == 3


@pytest.mark.parametrize("carried", ["now", "before"])
def test_a_model_that_was_carried_over_has_no_growth(carried: str) -> None:
    snapshots = crawl(model("a/old", NOON, likes=5, last_modified=NOON))
    later = NOON + timedelta(seconds=1)
    now, before = (Counted(snapshots, later if carried == which else NOON) for which in ("now", "before"))
    assert counter_growth(now, before).is_empty()
    assert counter_growth(Counted(snapshots, NOON), Counted(snapshots))["likes_change"].to_list() == [0]

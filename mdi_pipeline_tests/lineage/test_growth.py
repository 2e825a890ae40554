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


LATER = NOON + timedelta(days=150)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ((None, NOON), (None, LATER), None),
        (("1", NOON), ("2", NOON), None),
        (("1", NOON), ("2", LATER), None),
        (("1", NOON), (None, LATER), None),
        (("1", NOON), ("1", LATER), -4997),
        (("1", NOON), ("1", None), -4997),
        (("1", NOON), (None, None), -4997),
        ((None, NOON), (None, NOON + timedelta(milliseconds=7)), -4997),
        ((None, None), (None, LATER), -4997),
    ],
)
def test_m7_another_repository_that_took_the_id_has_no_change(
    before: tuple[str | None, datetime | None], now: tuple[str | None, datetime | None], change: int | None
) -> None:
    first = crawl(model("a/x", before[1], repository_id=before[0], downloads=5000, likes=1))
    second = crawl(model("a/x", now[1], repository_id=now[0], downloads=3, likes=0))
    growth = counter_growth(Counted(second), Counted(first))
    assert nodes(second, growth)["downloads_change"].to_list() == [change]

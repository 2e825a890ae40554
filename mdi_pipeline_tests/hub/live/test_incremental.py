"""Crawls of the live Hub that read what changed and carry the rest over."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from mdi_pipeline.hub.crawl import CrawlTables
from mdi_pipeline.hub.source import CrawlProgress, PreviousCrawl
from mdi_pipeline.simulator.service.server import served
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, TODAY, crawl, hub, live, manifest, now


def previous_of(tables: CrawlTables, crawl_date: date) -> PreviousCrawl:
    said = manifest(tables)
    return PreviousCrawl(crawl_date, said["as_of"], said["full_crawl_date"], said["n_models"], tables.models.lazy())


def test_an_incremental_crawl_reads_what_changed_and_carries_the_rest(tmp_path: Path) -> None:
    simulated = hub()
    tomorrow = now() + timedelta(days=1)
    with served(simulated) as endpoint:
        first = crawl(live(endpoint, tmp_path), tmp_path / "first")
        n_pages = simulated.n_pages
        rng = simulated.faults.rng(0)
        touched = [simulated.listing.touch(simulated.listing.models["_id"][i], now()) for i in range(0, 900, 7)]
        created = [simulated.listing.create(now(), rng) for _ in range(30)]
        source = live(endpoint, tmp_path, previous=lambda _: previous_of(first, TODAY), now=lambda: tomorrow)
        second = crawl(source, tmp_path / "second")
    said = manifest(second)
    assert simulated.n_pages - n_pages <= 4
    assert set(second.models["model_id"]) == simulated.listing.ids()
    assert second.models.height == SIZE + 30
    likes = dict(second.models.select("model_id", "likes").iter_rows())
    assert all(likes[record["id"]] == record["likes"] for record in touched)
    assert all(record["id"] in likes for record in created)
    assert said["carried_over_from"] == said["full_crawl_date"] == TODAY
    n_read = second.models.filter(pl.col("last_modified") >= said["modified_since"]).height
    assert n_read == len(touched) + len(created)
    assert said["n_carried_over"] <= SIZE - len(touched)
    assert said["n_carried_over"] >= SIZE - 4 * 100


def test_models_that_change_place_while_they_are_read_are_not_lost(tmp_path: Path) -> None:
    simulated = hub()
    tomorrow = now() + timedelta(days=1)
    with served(simulated) as endpoint:
        first = crawl(live(endpoint, tmp_path), tmp_path / "first")
        listing = simulated.listing
        start = now()
        created = [listing.create(start - timedelta(milliseconds=n), simulated.faults.rng(n)) for n in range(450)]

        def watch(progress: CrawlProgress) -> None:
            if progress.n_pages == 2:
                listing.touch(created[-1]["_id"], now() + timedelta(seconds=2))

        source = live(
            endpoint, tmp_path, previous=lambda _: previous_of(first, TODAY), now=lambda: tomorrow, watch=watch
        )
        second = crawl(source, tmp_path / "second")
    assert created[-1]["id"] in set(second.models["model_id"])
    assert set(second.models["model_id"]) == listing.ids()


def test_a_full_crawl_is_due_when_the_last_is_old(tmp_path: Path) -> None:
    simulated = hub()
    with served(simulated) as endpoint:
        first = crawl(live(endpoint, tmp_path), tmp_path / "first")
        listing = simulated.listing
        listing.deleted.add(listing.models["_id"][5])
        for days, expected in ((6, SIZE), (7, SIZE - 1)):
            later = now() + timedelta(days=days)
            source = live(endpoint, tmp_path, previous=lambda _: previous_of(first, TODAY), now=lambda at=later: at)
            tables = crawl(source, tmp_path / f"after-{days}")
            assert tables.models.height == expected
            assert (manifest(tables)["carried_over_from"] is None) == (days == 7)

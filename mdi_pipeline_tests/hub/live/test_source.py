"""The live Hub as a source: nothing lost and nothing twice, whatever goes wrong."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.hub.crawl import CrawlTables
from mdi_pipeline.hub.source import CrawlProgress, DateRefused, SourceError
from mdi_pipeline.simulator.service.faults import FAULTS, OF_A_CALL
from mdi_pipeline.simulator.service.server import served
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline_tests.simulator.hub_over_http import LISTED, SIZE, TODAY, crawl, hub, live, manifest, now, stopped_at

N_PAGES = SIZE / 100 + 2
"""Pages with models, and the two answers that nothing comes after the last of them."""

ODD = "odd/"
"""How the ids of odd records begin that have one."""


def assert_whole(tables: CrawlTables, before: set[str], after: set[str], n_odd: int = 0) -> None:
    """Every model that was there all the time, none twice, and none that never was there but in an odd record."""
    ids = tables.models["model_id"].to_list()
    assert len(set(ids)) == len(ids)
    assert before & after <= set(ids)
    assert {found for found in ids if not found.startswith(ODD)} <= before | after
    assert manifest(tables)["complete"]
    assert manifest(tables)["n_repeated_records"] == n_odd - manifest(tables)["n_bad_records"] - len(odd_ids(tables))


def odd_ids(tables: CrawlTables) -> list[str]:
    """The models of odd records that could be read."""
    return tables.models.filter(pl.col("model_id").str.starts_with(ODD))["model_id"].to_list()


def test_a_crawl_is_what_the_server_holds(tmp_path: Path) -> None:
    simulated = hub()
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path), tmp_path)
    expected = crawl(DemoSource(SIZE, 0), tmp_path / "demo", LISTED)
    assert tables.models.sort("model_id").equals(expected.models.sort("model_id"))
    said = manifest(tables)
    assert said["n_requests"] == said["n_pages"] == simulated.n_pages == N_PAGES
    assert said["complete"]
    assert (said["source"], said["location"], said["seconds_waited"]) == ("hub", endpoint, 0)
    assert said["as_of"] <= said["finished_at"]
    assert said["full_crawl_date"] == TODAY


@pytest.mark.parametrize("seed", [4, 11])
def test_nothing_is_lost_and_nothing_twice_under_all_faults(tmp_path: Path, seed: int) -> None:
    simulated = hub(*FAULTS, seed=seed, share=0.04)
    before = simulated.listing.ids()
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path, sleep=lambda _: None), tmp_path)
    n_odd = sum(simulated.struck.get(fault, 0) for fault in ("odd_records", "deep_record"))
    assert_whole(tables, before, simulated.listing.ids(), n_odd=n_odd)
    assert len(simulated.struck) >= 8
    assert manifest(tables)["n_requests"] == simulated.n_calls


@pytest.mark.parametrize("fault", OF_A_CALL)
def test_each_fault_alone_costs_no_model(tmp_path: Path, fault: str) -> None:
    simulated = hub(fault, seed=1)
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path, sleep=lambda _: None), tmp_path)
    assert simulated.struck[fault] > 0
    assert set(tables.models["model_id"]) - set(odd_ids(tables)) == simulated.listing.ids()


def test_a_crawl_that_was_broken_off_goes_on_after_its_last_page(tmp_path: Path) -> None:
    simulated = hub()
    with served(simulated) as endpoint:
        for pages in (7, 12, 29):
            with stopped_at(pages) as watch:
                crawl(live(endpoint, tmp_path, watch=watch), tmp_path / f"before-{pages}")
        tables = crawl(live(endpoint, tmp_path), tmp_path)
    assert simulated.n_pages == manifest(tables)["n_pages"] == manifest(tables)["n_requests"] == N_PAGES
    assert_whole(tables, simulated.listing.ids(), simulated.listing.ids())


def test_a_page_half_written_does_not_count(tmp_path: Path) -> None:
    simulated = hub()
    with served(simulated) as endpoint:
        with stopped_at(5) as watch:
            crawl(live(endpoint, tmp_path, watch=watch), tmp_path / "before")
        pages = tmp_path / "hub" / str(TODAY) / "pages"
        (pages / "000006.staged").write_bytes(b"PAR1 half of it")
        tables = crawl(live(endpoint, tmp_path), tmp_path)
    assert_whole(tables, simulated.listing.ids(), simulated.listing.ids())


def test_when_it_has_landed_the_pages_go_and_the_next_crawl_is_a_new_one(tmp_path: Path) -> None:
    simulated = hub()
    with served(simulated) as endpoint:
        source = live(endpoint, tmp_path)
        first = manifest(crawl(source, tmp_path / "first"))
        again = manifest(crawl(source, tmp_path / "again"))
        assert again["as_of"] == first["as_of"]
        assert simulated.n_pages == N_PAGES
        source.landed(TODAY)
        assert manifest(crawl(source, tmp_path / "new"))["as_of"] > first["as_of"]


def test_a_crawl_ends_after_midnight_as_one_of_the_day_it_began(tmp_path: Path) -> None:
    simulated = hub()
    late = False

    def watch(progress: CrawlProgress) -> None:
        nonlocal late
        late = progress.n_pages >= 3

    with served(simulated) as endpoint:
        source = live(endpoint, tmp_path, watch=watch, now=lambda: now() + timedelta(days=late))
        tables = crawl(source, tmp_path, TODAY)
        with pytest.raises(DateRefused, match="archive"):
            source.fingerprint(TODAY)
        source.landed(TODAY)
    assert_whole(tables, simulated.listing.ids(), simulated.listing.ids())
    assert manifest(tables)["as_of"].date() == TODAY
    assert not list((tmp_path / "hub").glob("*/pages"))


@pytest.mark.slow
def test_killed_outright_and_resumed(tmp_path: Path) -> None:
    simulated = hub("churn", "server_error")
    before = simulated.listing.ids()
    script = textwrap.dedent("""
        import sys, time
        from datetime import date
        from pathlib import Path
        from mdi_pipeline_tests.simulator import hub_over_http
        from mdi_pipeline_tests.simulator.hub_over_http import crawl, live
        hub_over_http.TODAY = date.fromisoformat(sys.argv[3])
        def watch(progress):
            print(progress.n_pages, flush=True)
            time.sleep(0.05)
        crawl(live(sys.argv[1], Path(sys.argv[2]), watch=watch), Path(sys.argv[2]) / f"w{time.time_ns()}")
    """)
    with served(simulated) as endpoint:
        for pages in (6, 13):
            with subprocess.Popen(
                [sys.executable, "-c", script, endpoint, str(tmp_path), str(TODAY)], stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout is not None
                while int(process.stdout.readline()) < pages:
                    pass
                os.kill(process.pid, signal.SIGKILL)
        asked_before = simulated.n_pages
        tables = crawl(live(endpoint, tmp_path), tmp_path)
    assert asked_before >= 13
    assert simulated.n_pages <= manifest(tables)["n_pages"] + 4
    assert_whole(tables, before, simulated.listing.ids())


def test_only_one_process_at_a_time(tmp_path: Path) -> None:
    with served(hub()) as endpoint:

        def watch(_: CrawlProgress) -> None:
            with pytest.raises(SourceError, match="another process is crawling"):
                crawl(live(endpoint, tmp_path), tmp_path / f"second-{time.time_ns()}")

        crawl(live(endpoint, tmp_path, watch=watch), tmp_path)


def test_only_today_can_be_crawled(tmp_path: Path) -> None:
    source = live("http://127.0.0.1:9", tmp_path)
    assert source.dates() == [TODAY]
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(DateRefused, match="archive"):
            source.fingerprint(day)
        with pytest.raises(DateRefused, match="today"):
            source.crawl(day, tmp_path)

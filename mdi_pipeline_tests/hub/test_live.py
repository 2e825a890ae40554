"""The live Hub as a source: nothing lost and nothing twice, whatever goes wrong."""

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from mdi_pipeline.hub.crawl import CrawlTables
from mdi_pipeline.hub.demo import DemoSource
from mdi_pipeline.hub.live.client import Answer, Patience
from mdi_pipeline.hub.live.journal import Journal, PageDamaged
from mdi_pipeline.hub.live.listing import Listing
from mdi_pipeline.hub.live.pacing import ROUNDING, Pace
from mdi_pipeline.hub.simulation.application import SimulatedHub
from mdi_pipeline.hub.simulation.faults import FAULTS, OF_A_CALL
from mdi_pipeline.hub.simulation.quota import Quota
from mdi_pipeline.hub.simulation.serving import served
from mdi_pipeline.hub.source import CrawlProgress, DateRefused, PreviousCrawl, SourceError
from mdi_pipeline_tests.hub.simulated import LISTED, SIZE, crawl, hub, live, manifest

TOKEN = "hf_thisIsNoTokenOfAnybody"
TODAY = datetime.now(UTC).date()


@contextmanager
def stopped_at(page: int) -> Iterator[object]:
    """A watch that ends the process' crawl, as a kill would, after some pages."""

    def watch(progress: CrawlProgress) -> None:
        if progress.n_pages >= page:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        yield watch


def assert_whole(tables: CrawlTables, before: set[str], after: set[str]) -> None:
    """Every model that was there all the time, none twice, and none that never was there."""
    ids = tables.models["model_id"].to_list()
    assert len(set(ids)) == len(ids)
    assert before & after <= set(ids)
    assert set(ids) <= before | after
    assert manifest(tables)["complete"]
    assert manifest(tables)["n_repeated_records"] == 0


def test_a_crawl_is_what_the_server_holds(tmp_path: Path) -> None:
    simulated = hub()
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path), tmp_path)
    expected = crawl(DemoSource(SIZE, 0), tmp_path / "demo", LISTED)
    assert tables.models.sort("model_id").equals(expected.models.sort("model_id"))
    said = manifest(tables)
    assert said["n_requests"] == said["n_pages"] == simulated.n_pages == SIZE / 100
    assert (said["source"], said["location"], said["seconds_waited"]) == ("hub", endpoint, 0)
    assert said["as_of"] <= said["finished_at"]
    assert said["full_crawl_date"] == TODAY


@pytest.mark.parametrize("seed", [4, 11])
def test_nothing_is_lost_and_nothing_twice_under_all_faults(tmp_path: Path, seed: int) -> None:
    simulated = hub(*FAULTS, seed=seed)
    before = simulated.listing.ids()
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path, sleep=lambda _: None), tmp_path)
    assert_whole(tables, before, simulated.listing.ids())
    assert len(simulated.struck) >= 5
    assert manifest(tables)["n_bad_records"] == simulated.struck.get("odd_records", 0)
    assert manifest(tables)["n_requests"] == simulated.n_calls


@pytest.mark.parametrize("fault", OF_A_CALL)
def test_each_fault_alone_costs_no_model(tmp_path: Path, fault: str) -> None:
    simulated = hub(fault, seed=1)
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path, sleep=lambda _: None), tmp_path)
    assert simulated.struck[fault] > 0
    assert set(tables.models["model_id"]) == simulated.listing.ids()


def test_a_crawl_that_was_broken_off_goes_on_after_its_last_page(tmp_path: Path) -> None:
    simulated = hub()
    with served(simulated) as endpoint:
        for pages in (7, 12, 29):
            with stopped_at(pages) as watch:
                crawl(live(endpoint, tmp_path, watch=watch), tmp_path / f"before-{pages}")
        tables = crawl(live(endpoint, tmp_path), tmp_path)
    assert simulated.n_pages == manifest(tables)["n_pages"] == manifest(tables)["n_requests"] == SIZE / 100
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
        assert simulated.n_pages == SIZE / 100
        source.landed(TODAY)
        assert manifest(crawl(source, tmp_path / "new"))["as_of"] > first["as_of"]


@pytest.mark.slow
def test_killed_outright_and_resumed(tmp_path: Path) -> None:
    simulated = hub("churn", "server_error")
    before = simulated.listing.ids()
    script = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from mdi_pipeline_tests.hub.simulated import crawl, live
        def watch(progress):
            print(progress.n_pages, flush=True)
            time.sleep(0.05)
        crawl(live(sys.argv[1], Path(sys.argv[2]), watch=watch), Path(sys.argv[2]) / f"w{time.time_ns()}")
    """)
    with served(simulated) as endpoint:
        for pages in (6, 13):
            with subprocess.Popen(
                [sys.executable, "-c", script, endpoint, str(tmp_path)], stdout=subprocess.PIPE, text=True
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


def test_the_rate_limit_is_waited_for_and_never_run_into(tmp_path: Path) -> None:
    simulated = hub(quota=Quota(calls=16, window=1))
    told: list[CrawlProgress] = []
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path, watch=told.append), tmp_path)
    assert simulated.quota.n_refused == 0
    assert manifest(tables)["n_requests"] == SIZE / 100
    assert sum(progress.waiting > 0 for progress in told) >= 1
    assert 0 < manifest(tables)["seconds_waited"] <= 2 * (1 + ROUNDING)
    assert told[-1].n_models == SIZE


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300)), max_size=20))
def test_the_pace_waits_as_long_as_told_and_only_when_nothing_is_left(answers: list[tuple[int, int]]) -> None:
    slept: list[float] = []
    pace = Pace(lambda _: None, slept.append)
    for remaining, reset in answers:
        pace.learn({"ratelimit": f'"api";r={remaining};t={reset}'}, refused=False)
        before = len(slept)
        pace.wait()
        if remaining == 0:
            assert reset <= slept[-1] <= reset + ROUNDING
        elif not slept:
            assert len(slept) == before
        pace = Pace(lambda _: None, slept.append)


def test_a_field_that_the_hub_refuses_is_left_out(tmp_path: Path) -> None:
    with served(hub("refused_expand")) as endpoint:
        with stopped_at(3) as watch:
            crawl(live(endpoint, tmp_path, watch=watch), tmp_path / "before")
        models = crawl(live(endpoint, tmp_path), tmp_path).models
    expected = crawl(DemoSource(SIZE, 0), tmp_path / "demo", LISTED).models
    assert models["base_models"].null_count() == models.height
    others = [name for name in models.columns if name not in {"base_models", "base_model_relation"}]
    assert models.sort("model_id").select(others).equals(expected.sort("model_id").select(others))


@pytest.mark.parametrize(
    "message",
    [
        "Invalid option at expand[1]: expected one of " + "|".join(sorted(set(Listing().fields) - {"baseModels"})),
        '"expand" must be one of [' + ", ".join([*sorted(set(Listing().fields) - {"baseModels"}), "siblings"]) + "]",
        "baseModels cannot be expanded here",
    ],
)
def test_the_refused_field_is_read_from_the_refusal(message: str) -> None:
    assert set(Listing().without_refused(message).fields) == set(Listing().fields) - {"baseModels"}


@pytest.mark.parametrize("message", ["Bad request", "tags cannot be expanded here"])
def test_a_refusal_that_cannot_be_helped_is_said(message: str) -> None:
    with pytest.raises(SourceError, match="refuses the listing"):
        Listing().without_refused(message)


@pytest.mark.parametrize("text", ["", "[", '[{"id": "a/b"}', '{"error": "no"}', "null", "<html>", '[{"a": 1}] x'])
def test_what_is_no_whole_list_is_no_page(tmp_path: Path, text: str) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(PageDamaged):
        journal.add(answer(text), fields=(), n_requests=1, seconds_waited=0)
    assert not list(tmp_path.iterdir())
    assert not Journal(tmp_path).pages


@settings(max_examples=20)
@given(
    odd=st.lists(st.sampled_from(["null", "7", "[]", "{}", '"\\ud800"', '{"_id": 3}']), max_size=4),
    at=st.integers(0, 3),
)
def test_odd_records_leave_the_others_and_the_cursor_alone(
    tmp_path_factory: pytest.TempPathFactory, odd: list[str], at: int
) -> None:
    records = [f'{{"_id": "{number:024x}", "id": "a/{number}"}}' for number in (9, 8, 7)]
    texts = [*records[:at], *odd, *records[at:]]
    folder = tmp_path_factory.mktemp("journal")
    page = Journal(folder).add(answer(f"[{','.join(texts)}]"), fields=("tags",), n_requests=1, seconds_waited=0)
    assert page.n_records == len(texts)
    assert page.last_id == f"{7:024x}"
    assert Journal(folder).pages == [page]


def test_a_hub_that_stays_broken_is_said_and_what_came_is_kept(tmp_path: Path) -> None:
    simulated = hub()
    patience = Patience(connect=1, read=1, retries=1, first_wait=0.01)
    with served(simulated) as endpoint, stopped_at(10) as watch:
        crawl(live(endpoint, tmp_path, watch=watch), tmp_path / "before")
    with pytest.raises(SourceError, match="goes on from the last page"):
        crawl(live(endpoint, tmp_path, patience=patience), tmp_path / "broken")
    assert len(list((tmp_path / "hub" / str(TODAY) / "pages").glob("*.parquet"))) == 10


def test_only_today_can_be_crawled(tmp_path: Path) -> None:
    source = live("http://127.0.0.1:9", tmp_path)
    assert source.dates() == [TODAY]
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(DateRefused, match="archive"):
            source.fingerprint(day)
        with pytest.raises(DateRefused, match="today"):
            source.crawl(day, tmp_path)


class Astray(SimulatedHub):
    """A Hub whose next pages are said to be on another host."""

    def _next(self, request: Request, cursor: str) -> str:  # noqa: ARG002
        return f"http://127.0.0.1:9/api/models?cursor={cursor}"


def test_the_token_is_used_and_appears_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    caplog.set_level(logging.DEBUG)
    simulated = Astray(**vars(hub("server_error", "cut")))
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path), tmp_path)
    assert simulated.authorizations == {f"Bearer {TOKEN}"}
    assert tables.models.height == SIZE
    with pytest.raises(SourceError) as error:
        crawl(live("http://127.0.0.1:9", tmp_path / "x", patience=Patience(retries=0)), tmp_path / "nobody")
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert TOKEN.encode() not in written
    said = [str(manifest(tables)), str(error.value), repr(error), caplog.text, *capfd.readouterr()]
    assert not any(TOKEN in text for text in said)


def previous_of(tables: CrawlTables, crawl_date: date) -> PreviousCrawl:
    said = manifest(tables)
    return PreviousCrawl(crawl_date, said["as_of"], said["full_crawl_date"], said["n_models"], tables.models.lazy())


def test_an_incremental_crawl_reads_what_changed_and_carries_the_rest(tmp_path: Path) -> None:
    simulated = hub()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with served(simulated) as endpoint:
        first = crawl(live(endpoint, tmp_path), tmp_path / "first")
        n_pages = simulated.n_pages
        rng = simulated.faults.rng(0)
        touched = [
            simulated.listing.touch(simulated.listing.models["_id"][i], datetime.now(UTC)) for i in range(0, 900, 7)
        ]
        created = [simulated.listing.create(datetime.now(UTC), rng) for _ in range(30)]
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
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with served(simulated) as endpoint:
        first = crawl(live(endpoint, tmp_path), tmp_path / "first")
        listing = simulated.listing
        start = datetime.now(UTC)
        created = [listing.create(start - timedelta(milliseconds=n), simulated.faults.rng(n)) for n in range(450)]

        def watch(progress: CrawlProgress) -> None:
            if progress.n_pages == 2:
                listing.touch(created[-1]["_id"], datetime.now(UTC) + timedelta(seconds=2))

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
            later = datetime.now(UTC) + timedelta(days=days)
            source = live(endpoint, tmp_path, previous=lambda _: previous_of(first, TODAY), now=lambda at=later: at)
            tables = crawl(source, tmp_path / f"after-{days}")
            assert tables.models.height == expected
            assert (manifest(tables)["carried_over_from"] is None) == (days == 7)


def answer(text: str) -> Answer:
    return Answer(text, None, datetime.now(UTC))

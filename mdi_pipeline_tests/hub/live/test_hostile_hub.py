"""A Hub that is broken or means harm: a crawl of it ends right or in one line, within bounds of time and memory."""

import logging
import resource
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mdi_pipeline.hub.crawl import CrawlTables
from mdi_pipeline.hub.live.client import MAX_PAGE
from mdi_pipeline.hub.live.connection import MIB
from mdi_pipeline.hub.source import PreviousCrawl, SourceError
from mdi_pipeline.simulator.service.faults import HOSTILE
from mdi_pipeline.simulator.service.server import SimulatedHub, served
from mdi_pipeline_tests.simulator.hub_over_http import (
    IN_A_HURRY,
    SIZE,
    TODAY,
    crawl,
    hub,
    live,
    manifest,
    now,
    stopped_at,
)

TOKEN = "hf_thisIsNoTokenOfAnybody"

HARMLESS = {"short_pages", "no_links", "echo"}
"""Ways of being hostile that a crawl gets over."""

REFUSALS = {
    "circle": "goes in a circle",
    "two_cursors": "goes in a circle",
    "endless": "a page has no models and says that more comes",
    "standing": "5 pages in a row, up to page 6, have no model that lies behind",
    "ids_only": "no record has createdAt, which is needed. What was found: id",
    "always_html": "HTML and not JSON",
    "login": "answers 401: Invalid username or password..*hf auth login.*unset HF_TOKEN",
    "forbidden": r"answers 403: \\x1b\[31mForbidden.*hf auth login",
    "slow": "not whole after 0.5 seconds",
    "huge": "larger than the 64 MiB",
    "packed": "larger than the 64 MiB",
    "long_wait": "demands a wait of 3,650 days; at most 1:00:00 are waited",
    "elsewhere": "redirects to another host, localhost: not followed.*HF_ENDPOINT",
}
"""What is said of the others."""

MOST_SECONDS = 120
"""For a crawl of a hostile Hub, on a busy machine; eight tries at a time limit of half a second are among them."""

MOST_CALLS = 30

MOST_MEMORY = 6 * MAX_PAGE
"""What a page of the largest size may take: bytes, text, and what parses it."""

PATIENCE = replace(IN_A_HURRY, whole=0.5, retries=3)


def crawled(simulated: SimulatedHub, folder: Path, **options: object) -> CrawlTables:
    with served(simulated) as endpoint:
        return crawl(live(endpoint, folder, **options), folder / "work")


def assert_one_clear_line(error: SourceError) -> None:
    said = str(error)
    assert said.isprintable()
    assert len(said) < 800


def test_every_way_of_being_hostile_is_tried() -> None:
    assert HARMLESS | set(REFUSALS) == set(HOSTILE)


@pytest.mark.parametrize("kind", REFUSALS)
def test_h1_h2_h3_s11_a_hostile_hub_is_refused_in_one_line_within_bounds(tmp_path: Path, kind: str) -> None:
    simulated = hub(kind)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    patience = PATIENCE if kind == "slow" else replace(PATIENCE, whole=30.0)
    with pytest.raises(SourceError, match=REFUSALS[kind]) as refused:
        crawled(simulated, tmp_path, patience=patience)
    assert_one_clear_line(refused.value)
    assert time.monotonic() - started < MOST_SECONDS
    assert simulated.n_calls <= MOST_CALLS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1_024 < MOST_MEMORY
    # What is kept to go on is less than a page of the largest size; nothing has landed, since nothing came back.
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) < MIB


def test_h1_what_leads_nowhere_is_not_kept_and_the_crawl_goes_on_when_the_hub_is_well(tmp_path: Path) -> None:
    broken, well = hub("circle"), hub()
    with served(broken) as endpoint, pytest.raises(SourceError, match="circle"):
        crawl(live(endpoint, tmp_path), tmp_path / "broken")
    tables = crawled(well, tmp_path)
    assert set(tables.models["model_id"]) == well.listing.ids()
    assert manifest(tables)["complete"]


@pytest.mark.parametrize("kind", ["short_pages", "no_links"])
def test_h2_pages_that_do_not_say_that_more_comes_cost_no_model(tmp_path: Path, kind: str) -> None:
    simulated = hub(kind)
    tables = crawled(simulated, tmp_path)
    assert set(tables.models["model_id"]) == simulated.listing.ids()
    assert manifest(tables)["complete"]
    assert manifest(tables)["n_repeated_records"] == 0


def test_h2_an_end_that_was_not_seen_is_not_called_complete(tmp_path: Path) -> None:
    simulated = hub()
    listing = simulated.listing
    # One page of models without `_id`: there is nothing after which to ask.
    listing.models = listing.models.tail(50).with_columns(
        line=listing.models.tail(50)["line"].str.replace(r'"_id":"[0-9a-f]*"', '"_id":""')
    )
    tables = crawled(simulated, tmp_path)
    assert tables.models.height == 50
    assert not manifest(tables)["complete"]


def test_h3_a_page_of_html_is_asked_for_again_after_longer_and_longer_waits(tmp_path: Path) -> None:
    slept: list[float] = []
    simulated = hub("always_html")
    patience = replace(IN_A_HURRY, first_wait=1.0, last_wait=4.0, retries=4)
    with pytest.raises(SourceError, match="HTML"):
        crawled(simulated, tmp_path, patience=patience, sleep=slept.append)
    assert slept == [1, 2, 4, 4]
    assert simulated.n_calls == 5


def test_s8_the_hub_is_not_asked_for_coding_agents_and_no_answer_of_before_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = tmp_path / ".agent_harnesses.json"
    poisoned.write_text('["of another shape"]')
    monkeypatch.setattr("huggingface_hub.constants.AGENT_HARNESSES_PATH", str(poisoned))
    monkeypatch.setattr("huggingface_hub.utils._detect_agent._registry", None)
    simulated = hub()
    with served(simulated) as endpoint:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint)
        tables = crawl(live(endpoint, tmp_path), tmp_path / "work")
    assert tables.models.height == SIZE
    assert simulated.n_harness_calls == 0


def test_s14_an_echoed_token_stands_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    caplog.set_level(logging.DEBUG)
    simulated = hub("echo")
    simulated.page_limit = 500
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path), tmp_path / "work")
    said = manifest(tables)
    assert simulated.authorizations == {f"Bearer {TOKEN}"}
    assert tables.models.height == SIZE
    assert said["n_bad_records"] == said["n_pages"] - 2
    assert "Bearer <token>" in said["bad_records"][0]["record"]
    assert TOKEN not in str(said) + caplog.text
    assert not any(TOKEN.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_s14_user_and_password_of_the_address_are_used_and_stand_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    caplog.set_level(logging.DEBUG)
    simulated = hub("server_error")
    with served(simulated) as endpoint:
        host = endpoint.removeprefix("http://")
        source = live(f"http://me%40home:s3cretPassword@{host}/?key=s3cretPassword#x", tmp_path)
        tables = crawl(source, tmp_path / "work")
        fingerprint = source.fingerprint(TODAY)
    assert manifest(tables)["location"] == endpoint
    assert simulated.authorizations == {"Basic bWVAaG9tZTpzM2NyZXRQYXNzd29yZA=="}
    nowhere = live("http://me:s3cretPassword@127.0.0.1:9", tmp_path / "x", patience=replace(PATIENCE, retries=0))
    with pytest.raises(SourceError) as refused:
        crawl(nowhere, tmp_path / "nowhere")
    shown = [str(manifest(tables)), fingerprint, caplog.text, str(refused.value), repr(refused)]
    assert not any("s3cret" in text or "bWVAaG9t" in text for text in shown)
    assert not any(b"s3cret" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    "address", ["ftp://user:s3cret@host", "http://", "host", "http://[::bad/", "http://h:s3cret@x:99999", "http://a b"]
)
def test_s14_what_is_no_address_is_refused_without_being_shown(tmp_path: Path, address: str) -> None:
    with pytest.raises(SourceError, match="HF_ENDPOINT is no web address") as refused:
        crawl(live(address, tmp_path), tmp_path / "work")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("harm", ["crawl.json emptied", "crawl.json a list", "last page emptied"])
def test_s6_a_spool_that_cannot_be_read_at_its_end_is_read_again_from_there(tmp_path: Path, harm: str) -> None:
    simulated = hub()
    with served(simulated) as endpoint:
        with stopped_at(7) as watch:
            crawl(live(endpoint, tmp_path, watch=watch), tmp_path / "before")
        folder = tmp_path / "hub" / str(TODAY)
        if harm == "last page emptied":
            (folder / "pages" / "000007.parquet").write_bytes(b"")
        else:
            (folder / "crawl.json").write_text("" if harm.endswith("emptied") else "[1]")
        tables = crawl(live(endpoint, tmp_path), tmp_path / "work")
    n_again = 1 if harm == "last page emptied" else 7
    assert set(tables.models["model_id"]) == simulated.listing.ids()
    assert simulated.n_pages == manifest(tables)["n_pages"] + n_again
    assert manifest(tables)["complete"]


@pytest.mark.parametrize("kind", ["standing", "no_links", "endless"])
def test_h1_an_incremental_crawl_whose_listing_leads_nowhere_loses_no_change(tmp_path: Path, kind: str) -> None:
    well = hub()
    with served(well) as endpoint:
        first = crawl(live(endpoint, tmp_path), tmp_path / "first")
    said = manifest(first)
    previous = PreviousCrawl(TODAY, said["as_of"], TODAY, SIZE, first.models.lazy())
    hostile = hub(kind)
    listing = hostile.listing
    touched = [listing.touch(listing.models["_id"][number], now()) for number in range(150)]
    tomorrow = now() + timedelta(days=1)
    with served(hostile) as endpoint:
        source = live(endpoint, tmp_path, previous=lambda _: previous, now=lambda: tomorrow)
        if kind == "no_links":
            tables = crawl(source, tmp_path / "second")
            likes = dict(tables.models.select("model_id", "likes").iter_rows())
            assert all(likes[record["id"]] == record["likes"] for record in touched)
            assert manifest(tables)["carried_over_from"] is None
            assert manifest(tables)["complete"]
        else:
            with pytest.raises(SourceError):
                crawl(source, tmp_path / "second")
    assert hostile.n_calls < 60

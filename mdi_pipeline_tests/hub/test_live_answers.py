"""What the live Hub answers: its rate limit, its refusals, pages that are none, and the token it is asked with."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from mdi_pipeline.hub.live.client import Answer, Patience
from mdi_pipeline.hub.live.journal import Journal, PageDamaged
from mdi_pipeline.hub.live.listing import Listing
from mdi_pipeline.hub.live.pacing import ROUNDING, Pace
from mdi_pipeline.hub.source import CrawlProgress, DateRefused, SourceError
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline.simulator.service.server import SimulatedHub, served
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline_tests.simulator.hub_over_http import LISTED, SIZE, TODAY, crawl, hub, live, manifest, stopped_at

TOKEN = "hf_thisIsNoTokenOfAnybody"


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


def answer(text: str) -> Answer:
    return Answer(text, None, datetime.now(UTC))


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

    def next_url(self, request: Request, cursor: str) -> str:  # noqa: ARG002
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

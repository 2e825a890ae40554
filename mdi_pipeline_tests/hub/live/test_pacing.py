"""The rate limit is waited for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.hub.live.pacing import LONGEST_WAIT, ROUNDING, UNTOLD, Pace
from mdi_pipeline.hub.source import CrawlProgress, SourceError
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline.simulator.service.server import served
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, crawl, hub, live, manifest


def test_the_rate_limit_is_waited_for_and_never_run_into(tmp_path: Path) -> None:
    slept = [0.0]
    simulated = hub(quota=Quota(calls=16, window=60, clock=lambda: sum(slept)))
    told: list[CrawlProgress] = []
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path, watch=told.append, sleep=slept.append), tmp_path)
    assert simulated.quota.n_refused == 0
    assert manifest(tables)["n_requests"] == SIZE / 100 + 2
    assert sum(progress.waiting > 0 for progress in told) == 1
    assert manifest(tables)["seconds_waited"] == pytest.approx(60 + ROUNDING, abs=10)
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


@pytest.mark.parametrize("told", ["\u00b2", "9" * 400, "-1", "1e9", "", "\u0661", " ", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_s9_a_wait_that_cannot_be_read_is_a_short_one(told: str) -> None:
    for headers in ({"retry-after": told}, {"ratelimit": f'"api";r=0;t={told}'}):
        slept: list[float] = []
        pace = Pace(lambda _: None, slept.append)
        pace.learn(headers, refused=True)
        pace.wait()
        assert slept == [pytest.approx(UNTOLD, abs=1)]


@given(st.text(), st.text(), st.booleans())
def test_s9_no_header_breaks_the_pace(ratelimit: str, retry_after: str, refused: bool) -> None:
    Pace(lambda _: None, lambda _: None).learn({"ratelimit": ratelimit, "retry-after": retry_after}, refused=refused)


@pytest.mark.parametrize(
    "headers", [{"retry-after": "315360000"}, {"ratelimit": '"api";r=0;t=315360000'}, {"retry-after": "9" * 12}]
)
def test_s11_a_wait_of_years_is_refused_and_said(headers: dict[str, str]) -> None:
    slept: list[float] = []
    pace = Pace(lambda _: None, slept.append)
    pace.learn(headers, refused=True)
    with pytest.raises(SourceError, match=r"demands a wait of [\d,]+ days; at most 1:00:00 are waited") as error:
        pace.wait()
    assert not slept
    assert "\n" not in str(error.value)


def test_a_wait_of_an_hour_is_waited() -> None:
    slept: list[float] = []
    pace = Pace(lambda _: None, slept.append)
    pace.learn({"ratelimit": f'"api";r=0;t={LONGEST_WAIT:.0f}'}, refused=False)
    pace.wait()
    assert slept == [pytest.approx(LONGEST_WAIT, abs=2)]

"""The rate limit is waited for."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.hub.live.pacing import ROUNDING, Pace
from mdi_pipeline.hub.source import CrawlProgress
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline.simulator.service.server import served
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, crawl, hub, live, manifest


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

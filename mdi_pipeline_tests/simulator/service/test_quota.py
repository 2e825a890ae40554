"""The rate limit: calls in fixed windows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.simulator.service.quota import Quota


@given(st.integers(1, 5), st.lists(st.floats(0, 7), max_size=40))
def test_a_window_admits_its_quota_and_no_more(calls: int, pauses: list[float]) -> None:
    now = [0.0]
    quota = Quota(calls=calls, window=10, clock=lambda: now[0])
    taken: dict[int, int] = {}
    for pause in pauses:
        now[0] += pause
        window = int(now[0] // 10)
        is_admitted = quota.take()
        assert is_admitted == (taken.get(window, 0) < calls)
        taken[window] = taken.get(window, 0) + is_admitted

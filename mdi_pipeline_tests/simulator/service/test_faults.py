"""Which calls faults strike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.simulator.service.faults import FAULTS, OF_A_CALL, Faults


def test_faults_strike_their_share_and_again_the_same_way() -> None:
    faults = Faults(frozenset(FAULTS), seed=3, share=0.06)
    struck = [faults.of_call(number) for number in range(2_000)]
    assert struck == [faults.of_call(number) for number in range(2_000)]
    for kind in OF_A_CALL:
        assert 0.04 < struck.count(kind) / 2_000 < 0.08


@given(st.frozensets(st.sampled_from(FAULTS)), st.integers(0, 100), st.integers(0, 10_000))
def test_only_faults_that_are_asked_for_strike_a_call(kinds: frozenset[str], seed: int, number: int) -> None:
    assert Faults(kinds, seed=seed, share=0.06).of_call(number) in {None, *kinds.intersection(OF_A_CALL)}


def test_unknown_faults_are_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="no fault lightning; there are rate_limit"):
        Faults(frozenset({"lightning"}))

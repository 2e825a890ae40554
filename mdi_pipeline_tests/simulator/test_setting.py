"""A setting: what can be simulated, and streams of random numbers that are independent of each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.simulator.calibration import CANONICAL, LARGEST, SMALLEST
from mdi_pipeline.simulator.setting import Setting, choose

ideas = st.text("abcdefghij ", min_size=1, max_size=12)


@given(st.integers(SMALLEST, LARGEST), st.integers(0, 2**31), ideas, ideas)
def test_a_stream_is_the_same_each_time_and_differs_between_ideas(size: int, seed: int, one: str, other: str) -> None:
    setting = Setting(size, seed)
    drawn = setting.stream(one).random(8)
    assert np.array_equal(drawn, setting.stream(one).random(8))
    assert np.array_equal(drawn, setting.stream(other).random(8)) == (one == other)


@given(st.integers(SMALLEST, LARGEST))
def test_larger_hubs_have_more_canonical_names_and_none_has_more_than_there_are(size: int) -> None:
    assert 2 <= Setting(size).n_canonical <= Setting(LARGEST).n_canonical == len(CANONICAL)


@given(st.integers(max_value=SMALLEST - 1) | st.integers(LARGEST + 1), st.integers(max_value=-1))
def test_sizes_out_of_bounds_and_negative_seeds_are_refused(size: int, seed: int) -> None:
    with pytest.raises(ValueError, match="models, not"):
        Setting(size)
    with pytest.raises(ValueError, match="must be 0 or more"):
        Setting(SMALLEST, seed)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=6), st.integers(0, 100))
def test_words_are_drawn_by_their_shares(weights: list[float], seed: int) -> None:
    shares = {str(position): weight for position, weight in enumerate(weights)}
    words, drawn = choose(np.random.default_rng(seed), shares, 20_000)
    assert words == list(shares)
    found = np.bincount(drawn, minlength=len(words)) / len(drawn)
    assert np.abs(found - np.array(weights) / sum(weights)).max() < 0.03

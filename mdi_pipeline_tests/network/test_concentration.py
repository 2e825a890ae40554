"""How unequally children are shared out, against the definitions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.network.concentration import Frequencies, frequencies, gini, power_law, top_share

COUNTS = st.lists(st.integers(0, 50), min_size=1, max_size=30)


@pytest.mark.parametrize(("counts", "expected"), [([1, 1, 1, 1], 0.0), ([0, 0, 0, 4], 0.75), ([1, 3], 0.25)])
def test_gini(counts: list[int], expected: float) -> None:
    assert gini(frequencies(np.array(counts))) == pytest.approx(expected)


@given(counts=COUNTS.filter(any))
def test_gini_is_half_the_mean_difference_over_the_mean(counts: list[int]) -> None:
    differences = [abs(one - other) for one in counts for other in counts]
    expected = sum(differences) / len(counts) ** 2 / (2 * sum(counts) / len(counts))
    assert gini(frequencies(np.array(counts))) == pytest.approx(expected)


@given(counts=st.lists(st.integers(0, 9), min_size=1, max_size=300).filter(any))
def test_the_top_percent_are_the_models_with_most_children_and_at_least_one(counts: list[int]) -> None:
    n_top = max(1, math.ceil(len(counts) / 100))
    expected = sum(sorted(counts)[-n_top:]) / sum(counts)
    assert top_share(frequencies(np.array(counts))) == pytest.approx(expected)


@pytest.mark.parametrize("counts", [[0, 0], []])
def test_without_children_nothing_is_defined(counts: list[int]) -> None:
    sample = frequencies(np.array(counts, dtype=np.int64))
    assert np.isnan([gini(sample), top_share(sample)]).all()


@given(samples=st.lists(st.lists(st.integers(0, 5), min_size=6, max_size=6), min_size=1, max_size=5))
def test_several_samples_at_once_are_what_each_is_alone(samples: list[list[int]]) -> None:
    """A sample says how many models have 0 to 5 children."""
    n_children = np.arange(6)
    together = Frequencies(n_children, np.array(samples))
    for statistic in (gini, top_share):
        alone = [statistic(Frequencies(n_children, np.array(sample))) for sample in samples]
        np.testing.assert_array_equal(statistic(together), alone)


def test_a_power_law_is_recovered_and_repeatable() -> None:
    uniform = np.random.default_rng(0).random(20_000)
    counts = np.floor(0.5 * (1 - uniform) ** (-1 / 1.5) + 0.5).astype(np.int64)
    fit = power_law(counts)
    assert fit.alpha == pytest.approx(2.5, abs=0.1)
    assert fit == power_law(counts)
    assert power_law(np.arange(10)).alpha is None

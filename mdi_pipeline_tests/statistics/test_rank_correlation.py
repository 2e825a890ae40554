from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.stats import spearmanr

from mdi_pipeline.statistics.bootstrap import AuthorDraws
from mdi_pipeline.statistics.estimates import Estimates
from mdi_pipeline.statistics.rank_correlation import rank_correlations


def correlate(x: list[float], y: list[float], authors: list[str] | None = None, n_draws: int = 200) -> Estimates:
    names = authors or [f"a{i}" for i in range(len(x))]
    bootstrap = AuthorDraws(pl.Series(names), n_draws).over(csr_matrix(np.ones((len(x), 1))))
    return rank_correlations(bootstrap, 1, {"": (np.ones(len(x), dtype=bool), np.array(x), np.array(y))})[""]


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 5)), min_size=2, max_size=40))
@settings(max_examples=80, deadline=None)
def test_coefficient_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    x, y = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    found = correlate(x, y, n_draws=20)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert np.isnan(found.estimate[0])
        assert np.isnan(found.low[0])
    else:
        assert found.estimate[0] == pytest.approx(spearmanr(x, y).statistic)


def test_only_counted_models_of_the_cell_count() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 60))
    membership = csr_matrix(np.column_stack([np.ones(60), np.arange(60) < 30]).astype(float))
    counted = np.arange(60) % 3 > 0
    bootstrap = AuthorDraws(pl.Series([f"a{i}" for i in range(60)]), 50).over(membership)
    found = rank_correlations(bootstrap, 2, {"": (counted, np.where(counted, x, np.nan), y)})[""]
    inner = counted & (np.arange(60) < 30)
    assert found.estimate == pytest.approx(
        [spearmanr(x[counted], y[counted]).statistic, spearmanr(x[inner], y[inner]).statistic]
    )
    assert found.n.tolist() == [40, 20]


def test_a_cell_without_a_counted_model_has_no_coefficient() -> None:
    membership = csr_matrix(np.array([[1, 0, 1], [1, 0, 1], [1, 0, 0.0]]))
    counted = np.array([False, False, True])
    bootstrap = AuthorDraws(pl.Series(["a", "b", "c"]), 10).over(membership)
    found = rank_correlations(bootstrap, 3, {"": (counted, np.arange(3.0), np.arange(3.0))})[""]
    assert np.isnan(found.estimate).all()
    assert found.n.tolist() == [1, 0, 0]


def test_many_ties_cost_no_digits() -> None:
    """Nine in ten models are alike, as on the Hub; what is added up over a million rows must stay exact."""
    rng = np.random.default_rng(1)
    x = np.where(rng.random(1_000_000) < 0.9, -1.0, rng.integers(-50, 50, 1_000_000) / 50)
    y = np.where(rng.random(1_000_000) < 0.9, 0.0, np.round(10 * x) + rng.integers(0, 9, 1_000_000))
    bootstrap = AuthorDraws(pl.Series(rng.integers(0, 9, x.size)), 10).over(csr_matrix(np.ones((x.size, 1))))
    found = rank_correlations(bootstrap, 1, {"": (np.ones(x.size, dtype=bool), x, y)})[""]
    assert found.estimate[0] == pytest.approx(spearmanr(x, y).statistic, rel=1e-12)


@pytest.mark.parametrize("strength", [0.0, 1.0, 4.0])
def test_interval_is_about_that_of_ranking_each_draw_anew(strength: float) -> None:
    rng = np.random.default_rng(7)
    author = rng.integers(0, 120, 400)
    x = np.round(rng.normal(size=400) + rng.normal(size=120)[author])
    y = np.round(strength * x + rng.normal(size=400))
    found = correlate(x.tolist(), y.tolist(), [f"a{i:03d}" for i in author], n_draws=1_000)
    rows = [np.flatnonzero(author == one) for one in np.unique(author)]
    drawn = []
    for _ in range(600):
        chosen = np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])
        drawn.append(spearmanr(x[chosen], y[chosen]).statistic)
    low, high = np.quantile(drawn, [0.025, 0.975])
    width = high - low
    assert found.low[0] == pytest.approx(low, abs=0.2 * width)
    assert found.high[0] == pytest.approx(high, abs=0.2 * width)


def test_perfect_agreement_has_no_interval_and_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = correlate([1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0])
    assert found.estimate[0] == pytest.approx(1)
    assert np.isnan([found.low[0], found.high[0]]).all()

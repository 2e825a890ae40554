from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from mdi_pipeline.compute.ratios import ratio_of
from mdi_pipeline.statistics import bootstrap
from mdi_pipeline.statistics.bootstrap import AuthorBootstrap, AuthorDraws, exact_bounds, percentile_interval


def everyone(n: int) -> csr_matrix:
    return csr_matrix(np.ones((n, 1)))


def means_of(draws: AuthorBootstrap, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of a value of each row in each draw and cell."""
    totals, counts = draws.totals(values), draws.totals(np.ones(values.size))
    return ratio_of(draws.draws(totals), draws.draws(counts))


def interval_of_mean(values: NDArray[np.float64], authors: list[str], **settings: int) -> tuple[float, float]:
    draws = AuthorDraws(pl.Series(authors, dtype=pl.String), **settings).over(everyone(values.size))
    low, high = percentile_interval(means_of(draws, values))
    return float(low[0]), float(high[0])


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(-1, 1)), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_interval_lies_between_the_authors_own_means(drawn: list[tuple[str, float]]) -> None:
    authors, values = [author for author, _ in drawn], np.array([value for _, value in drawn])
    means = pl.DataFrame({"author": authors, "value": values}).group_by("author").agg(pl.col("value").mean())["value"]
    low, high = interval_of_mean(values, authors, n_draws=50)
    assert means.to_numpy().min() - 1e-9 <= low <= high <= means.to_numpy().max() + 1e-9


def test_draws_are_whole_authors() -> None:
    """Of two authors, a draw holds one or both: three means are possible, and no other."""
    values, authors = np.array([0.0] * 9 + [1.0]), ["a"] * 9 + ["b"]
    draws = AuthorDraws(pl.Series(authors)).over(everyone(10))
    means = means_of(draws, values)
    assert set(np.round(means[:, 0], 9)) == {0.0, 0.1, 1.0}


@pytest.mark.parametrize("seed", range(10))
def test_a_heavier_author_changes_the_interval_not_only_n(seed: int) -> None:
    """The interval reaches from what the heavy author alone says to what the others say without that one."""
    rng = np.random.default_rng(0)
    values, authors = (rng.random(40) < 0.3).astype(float), [f"a{i}" for i in range(40)]
    light = interval_of_mean(values, authors, seed=seed)
    heavier = np.concatenate([values, np.repeat(values[0], 200)]), [*authors, *["a0"] * 200]
    heavy = interval_of_mean(*heavier, seed=seed)
    assert heavy[1] - heavy[0] > 1.2 * (light[1] - light[0])
    assert abs(heavy[0] - values[0]) < 0.2 * abs(light[0] - values[0])


def test_same_seed_same_draws() -> None:
    values, authors = np.linspace(-1, 1, 30), [f"a{i % 7}" for i in range(30)]
    assert interval_of_mean(values, authors, seed=5) == interval_of_mean(values, authors, seed=5)
    assert interval_of_mean(values, authors, seed=5) != interval_of_mean(values, authors, seed=6)


def test_authors_are_counted_once_a_cell() -> None:
    membership = csr_matrix(np.array([[1, 0], [1, 1], [1, 0], [1, 0.0]]))
    draws = AuthorDraws(pl.Series(["a", "a", "b", "c"]), n_draws=2).over(membership)
    assert draws.n_authors(np.array([True, True, True, False])).tolist() == [2, 1]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7), st.floats(-1, 1)), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_totals_and_authors_are_those_of_adding_up(rows: list[tuple[int, int, float]]) -> None:
    """`cells` are bits: a row may be in several cells, or in none."""
    author, cells, value = (np.array(column) for column in zip(*rows, strict=True))
    is_in = cells[:, np.newaxis] >> np.arange(3) & 1 == 1
    draws = AuthorDraws(pl.Series(author), n_draws=20).over(csr_matrix(is_in.astype(float)))
    counted = value > 0
    assert draws.totals(value).sum(axis=0) == pytest.approx(is_in.T @ value)
    assert draws.n_authors(counted).tolist() == [len(set(author[is_in[:, cell] & counted])) for cell in range(3)]
    means = means_of(draws, value)
    for cell in np.flatnonzero(is_in.any(axis=0)):
        own = [value[is_in[:, cell] & (author == one)] for one in set(author[is_in[:, cell]])]
        assert min(each.mean() for each in own) - 1e-9 <= np.nanmin(means[:, cell])
        assert np.nanmax(means[:, cell]) <= max(each.mean() for each in own) + 1e-9


@pytest.mark.parametrize("max_groups", [5, 2_000])
def test_rows_in_the_order_of_the_draws_have_the_same_ones(monkeypatch: pytest.MonkeyPatch, max_groups: int) -> None:
    monkeypatch.setattr(bootstrap, "MAX_GROUPS", max_groups)
    rng = np.random.default_rng(8)
    rows = pl.DataFrame(
        {"author": rng.integers(0, 40, 300), "value": rng.normal(size=300), "cell": rng.random(300) < 0.3}
    )
    draws = AuthorDraws(rows["author"], n_draws=50)
    arranged, in_order = draws.arranged(rows)
    assert in_order.arranged(arranged) == (arranged, in_order)
    some = arranged.filter("cell")
    assert AuthorDraws(some["author"], n_draws=50).order is None

    def means(rows: pl.DataFrame, draws: AuthorDraws) -> NDArray[np.float64]:
        inside = rows["cell"].to_numpy()
        of_cells = draws.over(csr_matrix(np.column_stack([inside, ~inside]).astype(float)))
        return means_of(of_cells, rows["value"].to_numpy())

    assert means(arranged, in_order) == pytest.approx(means(rows, draws))


def test_authors_are_numbered_alike_by_text_and_by_number() -> None:
    names = ["b", "a", "c", "a"]
    by_text, by_number = AuthorDraws(pl.Series(names)), AuthorDraws(pl.Series([7, 2, 9, 2], dtype=pl.UInt32))
    assert (by_text.author == by_number.author).all()
    assert (by_text.dealt == by_number.dealt).all()


def test_draws_without_the_cell_are_left_out() -> None:
    low, high = percentile_interval(np.array([[np.nan, np.nan], [0.2, np.nan], [0.2, np.nan]]))
    assert (low[0], high[0]) == (0.2, 0.2)
    assert np.isnan([low[1], high[1]]).all()


def test_percentiles_are_those_of_numpy() -> None:
    draws = np.random.default_rng(4).normal(size=(101, 40))
    draws[np.random.default_rng(5).random(draws.shape) < 0.3] = np.nan
    low, high = percentile_interval(draws)
    assert low == pytest.approx(np.nanquantile(draws, 0.025, axis=0))
    assert high == pytest.approx(np.nanquantile(draws, 0.975, axis=0))


def test_exact_bounds_are_the_rule_of_three() -> None:
    low, high = exact_bounds(np.array([0.0, 1.0]), np.array([100, 100]))
    assert low[0] == 0
    assert high[0] == pytest.approx(1 - 0.025 ** (1 / 100))
    assert low[1] == pytest.approx(0.025 ** (1 / 100))
    assert high[1] == 1


def _simulated(rng: np.random.Generator, n_authors: int) -> tuple[NDArray[np.float64], list[str]]:
    """Authors with a disposition of their own and sizes of a heavy tail; the ratio of expectations is 0.4."""
    sizes = np.minimum(rng.zipf(1.8, n_authors), 30)
    disposition = rng.beta(0.8, 1.2, n_authors)
    values = rng.random(sizes.sum()) < np.repeat(disposition, sizes)
    return values.astype(float), [f"a{i}" for i in np.repeat(np.arange(n_authors), sizes)]


def _coverage(n_authors: int, repeats: int) -> float:
    rng = np.random.default_rng(11)
    held = 0
    for repeat in range(repeats):
        low, high = interval_of_mean(*_simulated(rng, n_authors), n_draws=200, seed=repeat)
        held += low <= 0.4 <= high
    return held / repeats


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    assert 0.9 <= _coverage(n_authors=150, repeats=200) <= 0.985


def test_dealing_authors_into_groups_keeps_the_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "MAX_GROUPS", 60)
    assert 0.88 <= _coverage(n_authors=300, repeats=150) <= 0.985

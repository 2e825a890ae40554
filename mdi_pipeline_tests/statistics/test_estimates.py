"""Several statistics at once are what each is alone: what they have in common is summed up once."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from mdi_pipeline.statistics.bootstrap import AuthorBootstrap, AuthorDraws, drawn_totals
from mdi_pipeline.statistics.estimates import Estimates, several_shares, slopes

ROWS, CELLS = 12, 3

flags = st.lists(st.booleans(), min_size=ROWS, max_size=ROWS).map(np.array)
FEW_FLAGS = st.lists(flags, min_size=1, max_size=3)
"""Of few, so that several statistics share some."""


def draws_of(membership: NDArray[np.bool_]) -> AuthorBootstrap:
    authors = pl.Series([f"a{row % 5}" for row in range(ROWS)])
    return AuthorDraws(authors, 30).over(csr_matrix(membership.astype(float)))


def same(one: Estimates, other: Estimates) -> bool:
    fields = ("estimate", "low", "high", "n", "n_authors")
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in fields)


memberships = st.lists(st.lists(st.booleans(), min_size=CELLS, max_size=CELLS), min_size=ROWS, max_size=ROWS).map(
    np.array
)
pairs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=5)


@given(memberships, FEW_FLAGS, pairs)
@settings(max_examples=60, deadline=None)
def test_shares(membership: NDArray[np.bool_], some: list[NDArray[np.bool_]], chosen: list[tuple[int, int]]) -> None:
    bootstrap = draws_of(membership)
    compared = {
        str(number): (some[counted % len(some)].copy(), some[hits % len(some)].copy())
        for number, (counted, hits) in enumerate(chosen)
    }
    together = several_shares(bootstrap, compared)
    for key, one in compared.items():
        counted, hits = one
        alone = several_shares(bootstrap, {key: one})[key]
        assert same(together[key], alone)
        in_cells = membership & counted[:, np.newaxis]
        assert together[key].n.tolist() == in_cells.sum(axis=0).tolist()
        with np.errstate(invalid="ignore"):
            expected = (in_cells & hits[:, np.newaxis]).sum(axis=0) / in_cells.sum(axis=0)
        np.testing.assert_array_equal(together[key].estimate, expected)


@given(memberships, FEW_FLAGS, pairs)
@settings(max_examples=60, deadline=None)
def test_slopes(membership: NDArray[np.bool_], some: list[NDArray[np.bool_]], chosen: list[tuple[int, int]]) -> None:
    bootstrap, x = draws_of(membership), np.arange(ROWS) % 4.0
    compared = {
        f"{number} {kind}": (some[counted % len(some)].copy(), x, outcome)
        for number, (counted, y) in enumerate(chosen)
        for kind, outcome in (("flags", some[y % len(some)].copy()), ("numbers", some[y % len(some)].astype(float)))
    }
    together = slopes(bootstrap, compared)
    for key, one in compared.items():
        assert same(together[key], slopes(bootstrap, {key: one})[key])
        counted, _, y = one
        for cell in range(CELLS):
            rows = membership[:, cell] & counted
            if np.unique(x[rows]).size > 1:
                expected = np.polyfit(x[rows], y[rows].astype(float), 1)[0]
                np.testing.assert_allclose(together[key].estimate[cell], expected, atol=1e-9)
            else:
                assert np.isnan(together[key].estimate[cell])


@given(st.lists(st.sampled_from([0.0, 0.01, 0.04, 0.06, 0.5, 1.0]), max_size=6), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_cells_with_few_groups_are_drawn_as_the_others_are(filled: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    totals = rng.integers(1, 9, (100, len(filled))) * (rng.random((100, len(filled))) < np.array(filled))
    weights = rng.integers(0, 4, (100, 20)).astype(float)
    np.testing.assert_array_equal(drawn_totals(totals.astype(float), weights), weights.T @ totals)

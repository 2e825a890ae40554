"""A statistic of many groups of models at once, with its interval by the bootstrap over authors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mdi_pipeline.compute.ratios import ratio_of
from mdi_pipeline.statistics.bootstrap import AuthorBootstrap, exact_bounds, percentile_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]
Key = TypeVar("Key")
Labels = TypeVar("Labels", bound=tuple[str, ...])

MIN_AUTHORS = 2
"""With one author there is nothing to draw from."""


@dataclass(frozen=True)
class Estimates:
    """A statistic of each cell; NaN where undefined, `low` and `high` also where one author is all there is."""

    estimate: Reals
    low: Reals
    high: Reals
    n: NDArray[np.int64]
    n_authors: NDArray[np.int64]

    def beside(self, names: pl.DataFrame) -> pl.DataFrame:
        """The cells' names with `estimate`, `low`, `high` (null where undefined), `n` and `n_authors`."""
        alone = self.n_authors < MIN_AUTHORS
        return names.with_columns(
            estimate=pl.Series(self.estimate, dtype=pl.Float64),
            low=pl.Series(np.where(alone, np.nan, self.low), dtype=pl.Float64),
            high=pl.Series(np.where(alone, np.nan, self.high), dtype=pl.Float64),
            n=pl.Series(self.n),
            n_authors=pl.Series(self.n_authors),
        ).with_columns(pl.col("estimate", "low", "high").fill_nan(None))


def stacked(parts: Mapping[Labels, Estimates], labels: Sequence[str], names: pl.DataFrame) -> pl.DataFrame:
    """Several statistics of the same cells as one frame: the labels that name each, beside the cells' names."""
    named = pl.DataFrame(list(parts), schema=dict.fromkeys(labels, pl.String), orient="row")
    fields = ("estimate", "low", "high", "n", "n_authors")
    together = Estimates(*(np.concatenate([getattr(part, name) for part in parts.values()]) for name in fields))
    return together.beside(named.join(names, how="cross", maintain_order="left_right"))


def share_estimates(share: Reals, draws: Reals, n: NDArray[np.int64], n_authors: NDArray[np.int64]) -> Estimates:
    """A share of each cell with its interval, from the share in the sample and in each draw (draws x cells).

    The interval is that of percentiles; where all of a cell agree, the exact one.
    """
    low, high = percentile_interval(draws)
    certain = (share == 0) | (share == 1)
    if certain.any():
        exact_low, exact_high = exact_bounds(share, n_authors)
        low, high = np.where(certain, exact_low, low), np.where(certain, exact_high, high)
    return Estimates(share, low, high, n, n_authors)


def floats(values: pl.Series) -> Reals:
    """The values as an array, NaN where null."""
    return values.cast(pl.Float64).fill_null(np.nan).to_numpy()


class Measured(NamedTuple):
    """An index of some models, and of which it is defined."""

    values: Reals
    defined: Flags


class Distinct:
    """Flags by what they hold: those that are alike become one array, which is then summed up once.

    Several indices are defined of the same models, and several are above 0 for the same ones.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Flags] = {}

    def __call__(self, flags: Flags) -> Flags:
        """The first array that held the same; it is kept, so that its `id` names it."""
        return self._known.setdefault(np.packbits(flags).tobytes(), flags)


def measured_by(models: pl.DataFrame, indices: Iterable[str]) -> dict[str, Measured]:
    """Each index of the models. Indices defined of the same ones share one array."""
    distinct = Distinct()
    values = {index: floats(models[index]) for index in indices}
    return {index: Measured(each, distinct(~np.isnan(each))) for index, each in values.items()}


def shares(bootstrap: AuthorBootstrap, counted: Flags, hits: Flags) -> Estimates:
    """The share of hits among the counted models of each cell."""
    return several_shares(bootstrap, {"": (counted, hits)})[""]


def several_shares(bootstrap: AuthorBootstrap, compared: Mapping[Key, tuple[Flags, Flags]]) -> dict[Key, Estimates]:
    """Several shares, each of its hits among its counted models, from one pass over the draws.

    Where counted models and hits are the same ones, so is what comes back.
    """
    distinct = Distinct()
    pairs = {key: (distinct(counted), distinct(hits & counted)) for key, (counted, hits) in compared.items()}
    sets = {id(counted): counted for counted, _ in pairs.values()}
    summed = sets | {id(hits): hits for _, hits in pairs.values()}
    totals = {name: bootstrap.totals(flags) for name, flags in summed.items()}
    drawn = drawn_together(bootstrap, totals)
    n_authors = {name: bootstrap.n_authors(counted) for name, counted in sets.items()}

    def share(counted: int, hits: int) -> Estimates:
        n = totals[counted].sum(axis=0)
        estimate, draws = ratio_of(totals[hits].sum(axis=0), n), ratio_of(drawn[hits], drawn[counted])
        return share_estimates(estimate, draws, n.round().astype(np.int64), n_authors[counted])

    named = {key: (id(counted), id(hits)) for key, (counted, hits) in pairs.items()}
    found = {pair: share(*pair) for pair in dict.fromkeys(named.values())}
    return {key: found[pair] for key, pair in named.items()}


def drawn_together(bootstrap: AuthorBootstrap, totals: Mapping[Key, Reals]) -> dict[Key, Reals]:
    """Each total in each draw, from one product: the draws are large, and reading them is what costs."""
    drawn = bootstrap.draws(np.hstack(list(totals.values())))
    return dict(zip(totals, np.hsplit(drawn, len(totals)), strict=True))


def slopes(
    bootstrap: AuthorBootstrap, compared: Mapping[Key, tuple[Flags, Reals, Reals | Flags]]
) -> dict[Key, Estimates]:
    """The least-squares slopes of y on x among counted models of each cell, from counted, x and y.

    What several have in common, the very same array of x or y, or alike flags, is added up once.
    Undefined where x does not vary; draws in which it does not are left out.
    """
    distinct = Distinct()
    moments: dict[tuple[tuple[int, ...], str], Reals] = {}
    n_authors: dict[int, NDArray[np.int64]] = {}
    named: dict[Key, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    for key, (each, x, outcome) in compared.items():
        counted, is_flag = distinct(each), outcome.dtype == np.bool_
        y = distinct(np.logical_and(outcome, counted)) if is_flag else outcome
        # Flags are false where nothing is counted, so that their sums do not hang on what is.
        of_x, of_y = (id(counted), id(x)), (id(x), id(y)) if is_flag else (id(counted), id(x), id(y))
        values = {
            (of_x, "n"): np.ones(x.size),
            (of_x, "x"): x,
            (of_x, "xx"): x * x,
            (of_y, "y"): y,
            (of_y, "xy"): x * y,
        }
        new = {name: np.where(counted, value, 0.0) for name, value in values.items() if name not in moments}
        moments |= {name: bootstrap.totals(value) for name, value in new.items()}
        if id(counted) not in n_authors:
            n_authors[id(counted)] = bootstrap.n_authors(counted)
        named[key] = of_x, of_y
    drawn = drawn_together(bootstrap, moments)

    def slope(of_x: tuple[int, ...], of_y: tuple[int, ...]) -> Estimates:
        names = (of_x, "n"), (of_x, "x"), (of_y, "y"), (of_x, "xx"), (of_y, "xy")
        sample = _slope(*(moments[name].sum(axis=0) for name in names))
        low, high = percentile_interval(_slope(*(drawn[name] for name in names)))
        n = moments[of_x, "n"].sum(axis=0).round().astype(np.int64)
        return Estimates(sample, low, high, n, n_authors[of_x[0]])

    found = {pair: slope(*pair) for pair in dict.fromkeys(named.values())}
    return {key: found[pair] for key, pair in named.items()}


def _slope(n: Reals, x: Reals, y: Reals, xx: Reals, xy: Reals) -> Reals:
    spread = n * xx - x * x
    rounding = 1e-9 * n * xx
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > rounding, (n * xy - x * y) / spread, np.nan)

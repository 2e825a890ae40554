"""A statistic of many groups of models at once, with its interval by the bootstrap over authors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mdi_pipeline.statistics.bootstrap import AuthorBootstrap, exact_bounds, percentile_interval, ratio_of

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


@dataclass(frozen=True)
class ShareDraws:
    """A share of each cell in the sample and in each draw (draws x cells)."""

    estimate: Reals
    draws: Reals
    n: NDArray[np.int64]
    n_authors: NDArray[np.int64]

    def estimates(self) -> Estimates:
        """The percentile interval; exact bounds where all models of a cell agree."""
        low, high = percentile_interval(self.draws)
        certain = (self.estimate == 0) | (self.estimate == 1)
        if not certain.any():
            return Estimates(self.estimate, low, high, self.n, self.n_authors)
        exact_low, exact_high = exact_bounds(self.estimate, self.n_authors)
        return Estimates(
            self.estimate,
            np.where(certain, exact_low, low),
            np.where(certain, exact_high, high),
            self.n,
            self.n_authors,
        )


def floats(values: pl.Series) -> Reals:
    """The values as an array, NaN where null."""
    return values.cast(pl.Float64).fill_null(np.nan).to_numpy()


class Measured(NamedTuple):
    """An index of some models, and of which it is defined."""

    values: Reals
    defined: Flags


def measured_by(models: pl.DataFrame, indices: Iterable[str]) -> dict[str, Measured]:
    """Each index of the models. Indices defined of the same ones share one array, which is then summed up once."""
    known: dict[bytes, Flags] = {}
    found = {}
    for index in indices:
        values = floats(models[index])
        defined = ~np.isnan(values)
        found[index] = Measured(values, known.setdefault(np.packbits(defined).tobytes(), defined))
    return found


def shares(bootstrap: AuthorBootstrap, counted: Flags, hits: Flags) -> ShareDraws:
    """The share of hits among the counted models of each cell."""
    return several_shares(bootstrap, {"": (counted, hits)})[""]


def several_shares(bootstrap: AuthorBootstrap, compared: Mapping[Key, tuple[Flags, Flags]]) -> dict[Key, ShareDraws]:
    """Several shares, each of its hits among its counted models, from one pass over the draws."""
    sets = {id(counted): counted for counted, _ in compared.values()}
    counts = {name: bootstrap.totals(counted) for name, counted in sets.items()}
    totals = {key: bootstrap.totals(hits & counted) for key, (counted, hits) in compared.items()}
    drawn_counts, drawn_totals = drawn_together(bootstrap, counts), drawn_together(bootstrap, totals)
    n_authors = {name: bootstrap.n_authors(counted) for name, counted in sets.items()}
    return {
        key: ShareDraws(
            ratio_of(totals[key].sum(axis=0), counts[id(counted)].sum(axis=0)),
            ratio_of(drawn_totals[key], drawn_counts[id(counted)]),
            counts[id(counted)].sum(axis=0).round().astype(np.int64),
            n_authors[id(counted)],
        )
        for key, (counted, _) in compared.items()
    }


def drawn_together(bootstrap: AuthorBootstrap, totals: Mapping[Key, Reals]) -> dict[Key, Reals]:
    """Each total in each draw, from one product: the draws are large, and reading them is what costs."""
    drawn = bootstrap.draws(np.hstack(list(totals.values())))
    return dict(zip(totals, np.hsplit(drawn, len(totals)), strict=True))


def slopes(bootstrap: AuthorBootstrap, compared: Mapping[Key, tuple[Flags, Reals, Reals]]) -> dict[Key, Estimates]:
    """The least-squares slopes of y on x among counted models of each cell, from counted, x and y.

    What several have in common, the very same array, is added up once.
    Undefined where x does not vary; draws in which it does not are left out.
    """
    moments: dict[tuple[object, str], Reals] = {}
    n_authors: dict[int, NDArray[np.int64]] = {}
    for key, (counted, x, y) in compared.items():
        same = id(counted), id(x)
        if (same, "n") not in moments:
            values = {"n": np.ones(x.size), "x": x, "xx": x * x}
            moments |= {(same, name): bootstrap.totals(np.where(counted, value, 0.0)) for name, value in values.items()}
            n_authors[id(counted)] = bootstrap.n_authors(counted)
        values = {"y": y, "xy": x * y}
        moments |= {(key, name): bootstrap.totals(np.where(counted, value, 0.0)) for name, value in values.items()}
    drawn = drawn_together(bootstrap, moments)
    found = {}
    for key, (counted, x, _) in compared.items():
        same = id(counted), id(x)
        names = (same, "n"), (same, "x"), (key, "y"), (same, "xx"), (key, "xy")
        sample = _slope(*(moments[name].sum(axis=0) for name in names))
        low, high = percentile_interval(_slope(*(drawn[name] for name in names)))
        n = moments[same, "n"].sum(axis=0).round().astype(np.int64)
        found[key] = Estimates(sample, low, high, n, n_authors[id(counted)])
    return found


def _slope(n: Reals, x: Reals, y: Reals, xx: Reals, xy: Reals) -> Reals:
    spread = n * xx - x * x
    rounding = 1e-9 * n * xx
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > rounding, (n * xy - x * y) / spread, np.nan)

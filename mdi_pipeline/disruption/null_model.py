"""Is it more than chance? Scores against networks in which children of the same month and relation swap parents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.compute.ratios import ratio_of
from mdi_pipeline.disruption.adjacency import Integers
from mdi_pipeline.disruption.counts import kernel_windows
from mdi_pipeline.disruption.graph import TemporalGraph, family_of, temporal_graph
from mdi_pipeline.disruption.kernel import N_I, N_J, N_K, Family, Windows, count_all
from mdi_pipeline.disruption.swaps import Slots, shuffle, slots_of
from mdi_pipeline.disruption.times import SECONDS_PER_DAY
from mdi_pipeline.tables.disruption import NULL_MODEL, NULL_POPULATIONS, NULL_SCORES
from mdi_pipeline.tables.vocabulary import HUB_FLOOR, SIGN_SHARES

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Scored = tuple[Floats, Mask, Integers]
"""What `_index` gives."""

SWEEPS = 5
"""Swaps tried for every edge between one draw and the next."""

BURN_IN_SWEEPS = 20
"""Swaps tried for every edge before the first draw."""


@dataclass(frozen=True)
class NullModel:
    """What the null model says: of each model (`null_scores`) and of the shares of all (`null_model`)."""

    scores: pl.DataFrame
    headline: pl.DataFrame


def null_scores(
    models: pl.DataFrame,
    edges: pl.DataFrame,
    as_of: datetime,
    window_days: int = 90,
    *,
    n_draws: int = 20,
    n_headline_draws: int = 200,
    minimum_n: int = 10,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> NullModel:
    """Observed `mdi` against random networks of the same degrees.

    In a draw, edges whose children were born in the same calendar month (UTC) and that carry the same
    relation swap parents, where each parent is older than its new child (one without a time counts as older)
    and no edge comes twice. So every model keeps its number of parents and every parent its monthly inflow
    of children. Edges of a child without a time, or older than its parent, stay as they are. Each network that
    such swaps can reach is equally likely (`swaps.shuffle` says how); draws are `SWEEPS` sweeps apart.

    `models` needs `model_id` and `created_at`, `edges` needs `child_id`, `parent_id` and `relation`; each
    model and window that `status` would not leave out as left-censored, root or censored takes part.

    `scores` is the table `null_scores`: observed `mdi`, mean and standard deviation over the first
    `n_draws` draws and z = (mdi - mean) / deviation, for models with n_i + n_j + n_k >= `minimum_n`; z is
    null where the null has no spread. `headline` is the table `null_model`: shares of negative, zero and
    positive `mdi`, observed, with the mean and the central 95 % of `n_headline_draws` draws and the
    two-sided empirical p = 2 min(1 + #(draws <= observed), 1 + #(draws >= observed)) / (1 + draws), at most 1.

    Same input and seed, same result. Cost: a draw is `SWEEPS` passes over the edges and a scoring; models
    without an edge cost next to nothing. `progress` hears the share of the draws that is done.
    """
    models = _linked(models, edges)
    graph = temporal_graph(edges, models, child="child_id", parent="parent_id", id="model_id", created_at="created_at")
    slots = slots_of(graph, edges, models)
    eligible = _eligible(graph, as_of, window_days)
    windows = kernel_windows(graph, [window_days * SECONDS_PER_DAY])
    observed, built_upon, n = _index(graph.family, windows, eligible)
    random = np.random.default_rng(seed)
    shuffle(slots, BURN_IN_SWEEPS, random)
    spread = _Spread(len(observed))
    shares = []
    total = max(n_draws, n_headline_draws)

    def scored(parent: Integers) -> Scored:
        return _index(family_of(slots.child, parent, len(graph.ids)), windows, eligible)

    for draw, (drawn, drawn_built_upon, _) in enumerate(_drawn(slots, total, random, scored)):
        if draw < n_draws:
            spread.add(drawn)
        if draw < n_headline_draws:
            shares.append(_shares(drawn, drawn_built_upon))
        if progress:
            progress((draw + 1) / total)
    headline = _headline(_shares(observed, built_upon), np.array(shares), window_days)
    scores = _scores_frame(graph.ids.gather(np.argsort(graph.node)[eligible]), observed, spread, window_days)
    return NullModel(NULL_SCORES.conform(scores.filter(n >= minimum_n)), headline)


def _drawn(
    slots: Slots, n_draws: int, random: np.random.Generator, scored: Callable[[Integers], Scored]
) -> Iterator[Scored]:
    """What each draw's parents score: one draw is scored while parents are swapped for the next."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        before: Future[Scored] | None = None
        for _ in range(n_draws):
            shuffle(slots, SWEEPS, random)
            this = pool.submit(scored, slots.parent.copy())
            if before:
                yield before.result()
            before = this
        if before:
            yield before.result()


def _linked(models: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The models with an edge. The others, most of the Hub, have no score and would be in the way of the rest."""
    ends = pl.concat([edges["child_id"].alias("model_id"), edges["parent_id"].alias("model_id")])
    return models.join(ends.to_frame(), on="model_id", how="semi", maintain_order="left")


def _eligible(graph: TemporalGraph, as_of: datetime, window_days: int) -> Integers:
    """Dated nodes after the Hub's floor, with a parent, whose window is closed."""
    has_parent = np.diff(graph.family.parents.start)[: len(graph.times)] > 0
    closes = graph.times + window_days * SECONDS_PER_DAY
    eligible = has_parent & (graph.times > HUB_FLOOR.timestamp()) & (closes <= as_of.timestamp())
    return np.flatnonzero(eligible).astype(np.int32)


def _index(family: Family, windows: Windows, nodes: Integers) -> Scored:
    """`mdi` of the nodes, NaN where undefined; whether they have a child in the window; the denominator."""
    counts = count_all(family, windows)[0][nodes, 0]
    n_i, n_j, n_k = counts[:, N_I], counts[:, N_J], counts[:, N_K]
    built_upon, n = n_i + n_j, n_i + n_j + n_k
    return ratio_of(n_i - n_j - n_k, n), built_upon > 0, n


class _Spread:
    """Mean and standard deviation over draws, node by node, of the draws in which the index is defined."""

    def __init__(self, n_nodes: int) -> None:
        self.n = np.zeros(n_nodes)
        self.total = np.zeros(n_nodes)
        self.squares = np.zeros(n_nodes)

    def add(self, drawn: Floats) -> None:
        defined = ~np.isnan(drawn)
        self.n += defined
        self.total[defined] += drawn[defined]
        self.squares[defined] += drawn[defined] ** 2

    def mean(self) -> Floats:
        return ratio_of(self.total, self.n)

    def deviation(self) -> Floats:
        """The sample's; NaN with fewer than two draws, 0 where the draws are all the same."""
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = (self.squares - self.total**2 / self.n) / (self.n - 1)
        # What rounding leaves of a variance of 0 is below this.
        variance[variance < 1e-12] = 0  # noqa: PLR2004
        variance[self.n < 2] = np.nan  # noqa: PLR2004
        deviation: Floats = np.sqrt(variance)
        return deviation


def _shares(mdi: Floats, built_upon: Mask) -> list[list[float]]:
    """For each population how many are defined, and the shares of `SIGN_SHARES`."""
    populations = (mdi[~np.isnan(mdi)], mdi[built_upon])
    return [
        [
            float(len(values)),
            *(float(np.mean(sign)) if len(values) else np.nan for sign in (values < 0, values == 0, values > 0)),
        ]
        for values in populations
    ]


def _headline(observed: list[list[float]], drawn: npt.NDArray[np.float64], window_days: int) -> pl.DataFrame:
    rows = [
        _headline_row(observed[place][1 + rank], drawn[:, place, 1 + rank])
        | {"population": population, "measure": measure, "n": int(observed[place][0])}
        for place, population in enumerate(NULL_POPULATIONS)
        for rank, measure in enumerate(SIGN_SHARES)
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        index=pl.lit("mdi"), window_days=pl.lit(window_days, pl.Int32)
    )
    return NULL_MODEL.conform(frame.fill_nan(None))


def _headline_row(estimate: float, draws: Floats) -> dict[str, float | int | None]:
    known = draws[~np.isnan(draws)]
    if np.isnan(estimate) or not len(known):
        return {
            "estimate": estimate,
            "null_mean": None,
            "low": None,
            "high": None,
            "p_value": None,
            "n_draws": len(known),
        }
    tail = min(np.sum(known <= estimate), np.sum(known >= estimate))
    low, high = np.quantile(known, [0.025, 0.975])
    return {
        "estimate": estimate,
        "null_mean": float(known.mean()),
        "low": float(low),
        "high": float(high),
        "p_value": min(1.0, 2 * (1 + int(tail)) / (1 + len(known))),
        "n_draws": len(known),
    }


def _scores_frame(ids: pl.Series, observed: Floats, spread: _Spread, window_days: int) -> pl.DataFrame:
    mean, deviation = spread.mean(), spread.deviation()
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(deviation > 0, (observed - mean) / deviation, np.nan)
    frame = pl.DataFrame(
        {
            "model_id": ids,
            "window_days": np.full(len(ids), window_days, np.int32),
            "mdi": observed,
            "null_mean": mean,
            "null_deviation": deviation,
            "z": z,
            "n_draws": spread.n.astype(np.int64),
        }
    )
    return frame.fill_nan(None)

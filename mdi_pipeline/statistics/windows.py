"""The table `window_sensitivity`: how sensitive the scores are to the length of the window."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product

import numpy as np
import polars as pl

from mdi_pipeline.compute.parallel import side_by_side
from mdi_pipeline.statistics.agreement import REFERENCE, beside_reference, shares_and_agreement
from mdi_pipeline.statistics.bootstrap import N_DRAWS, AuthorDraws, one_cell_each
from mdi_pipeline.statistics.estimates import shares
from mdi_pipeline.statistics.populations import ALWAYS_KNOWN, POPULATION_FILTERS, scored_in_windows
from mdi_pipeline.tables.sensitivity import WINDOW_SENSITIVITY
from mdi_pipeline.tables.vocabulary import INDICES

TOP = 100
TOP_SHARE = 0.1
"""So many models are ranked highest, and at most this share of those that can be ranked."""

MIN_FOLLOWERS = 10
"""Models that must follow on a model before it is ranked, so that one child does not make a winner."""

RANKED_POPULATIONS = ("scored", "scored_llm", "scored_merges")
"""Where the highest ranked are looked for: nearly all of them are built upon anyway."""

_KEYS = ["population", "index", "window_days", "basis"]


def window_sensitivity(
    scores: pl.DataFrame | pl.LazyFrame,
    models: pl.DataFrame | pl.LazyFrame,
    reference_days: int,
    *,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """Shares of each index in every window that is scored, and how its ranking agrees with the reference window's.

    `scores` is a `disruption_scores`, `models` a `models` table of the same crawl. Columns out: those of the
    table `window_sensitivity`. A window in which no model is scored has its rows, with n = 0; ranks of the
    reference window are not compared with themselves. The highest ranked are the first `TOP` models by the index,
    ties by n_i, then by id, of those with at least `MIN_FOLLOWERS` in the denominator in both windows.
    """
    all_days = scores.lazy().select(pl.col("window_days").unique().sort()).collect().to_series().to_list()
    all_days += [reference_days] if reference_days not in all_days else []
    of_window = {days: _ranked(scored) for days, scored in scored_in_windows(scores, models, all_days, known=())}
    common = _in_every_window([frame for frame in of_window.values() if frame.height])
    reference = of_window[reference_days].select("number", "direct", "followers", *INDICES)

    def measured(choice: tuple[int, str]) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
        days, basis = choice
        frame = of_window[days] if basis == "own" else _as_in_shortest(of_window[days], common)
        paired = beside_reference(frame, reference, "number")
        named = [pl.lit(days, dtype=pl.Int32).alias("window_days"), pl.lit(basis).alias("basis")]
        agreement = days != reference_days
        tops = [part.with_columns(named) for part in _tops(paired)] if agreement else []
        found = shares_and_agreement(paired, INDICES, agreement=agreement, n_draws=n_draws, seed=seed)
        return found.with_columns(named), tops

    shares_and_ranks, tops = zip(*side_by_side(measured, product(of_window, ("own", "common"))), strict=True)
    found = pl.concat([*shares_and_ranks, _overlaps([*chain(*tops)], n_draws, seed)], how="diagonal")
    return WINDOW_SENSITIVITY.conform(found.with_columns(reference_days=pl.lit(reference_days)))


def _ranked(scored: pl.DataFrame) -> pl.DataFrame:
    """The scored models of a window; `followers` is the denominator, `direct` is n_i, by which ties are ranked."""
    followers = pl.sum_horizontal("n_i", "n_j", "n_k")
    return scored.select("number", "cluster", "n_i", "n_j", *INDICES, *ALWAYS_KNOWN, followers=followers, direct="n_i")


def _in_every_window(shortest_first: list[pl.DataFrame]) -> pl.DataFrame:
    """The models scored in all of these windows, with their children in the shortest."""
    if not shortest_first:
        return pl.DataFrame(schema={"number": pl.UInt32, "n_i": pl.Int64, "n_j": pl.Int64})
    models = shortest_first[0].select("number", "n_i", "n_j")
    for frame in shortest_first[1:]:
        models = models.join(frame.select("number"), on="number", how="semi")
    return models


def _as_in_shortest(frame: pl.DataFrame, common: pl.DataFrame) -> pl.DataFrame:
    """The common models, with the children that they have in the shortest window: they say who is built upon."""
    return frame.drop("n_i", "n_j").join(common, on="number", how="inner", maintain_order="left")


def _tops(paired: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The models ranked highest in the reference window, each with whether this window ranks it so high too."""
    rankable = paired.filter(pl.min_horizontal("followers", f"followers{REFERENCE}") >= MIN_FOLLOWERS)
    for population in RANKED_POPULATIONS:
        of_population = rankable.filter(POPULATION_FILTERS[population])
        for index in INDICES:
            both = of_population.drop_nulls([index, f"{index}{REFERENCE}"])
            k = min(TOP, int(TOP_SHARE * both.height))
            here = _highest(both, index, "direct", k)
            yield (
                _highest(both, f"{index}{REFERENCE}", f"direct{REFERENCE}", k)
                .select("cluster", hit=pl.col("number").is_in(here["number"].implode()))
                .with_columns(population=pl.lit(population), index=pl.lit(index))
            )


def _highest(models: pl.DataFrame, index: str, ties: str, k: int) -> pl.DataFrame:
    return models.top_k(k, by=[index, ties, "number"], reverse=[False, False, True]).sort("number")


def _overlaps(tops: list[pl.DataFrame], n_draws: int, seed: int) -> pl.DataFrame:
    """The share of hits among the highest ranked of each population, index, window and basis."""
    ranked = pl.concat(tops) if tops else pl.DataFrame()
    if ranked.is_empty():
        return pl.DataFrame(schema={"population": pl.String})
    cells = ranked.select(_KEYS).unique(maintain_order=True).with_row_index("cell")
    cell = ranked.join(cells, on=_KEYS, how="left", maintain_order="left")["cell"]
    bootstrap = AuthorDraws(ranked["cluster"], n_draws, seed).over(one_cell_each(cell, cells.height))
    everyone = np.ones(ranked.height, dtype=np.bool_)
    overlap = shares(bootstrap, everyone, ranked["hit"].to_numpy())
    return overlap.beside(cells.drop("cell")).with_columns(measure=pl.lit("top_overlap"))

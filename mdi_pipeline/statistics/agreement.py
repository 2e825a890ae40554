"""How models score under one choice, and how far their ranking agrees with that under another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.statistics.bootstrap import AuthorDraws
from mdi_pipeline.statistics.cells import population_cells
from mdi_pipeline.statistics.estimates import floats, measured_by, several_shares, stacked
from mdi_pipeline.statistics.measures import signs
from mdi_pipeline.statistics.rank_correlation import rank_correlations

if TYPE_CHECKING:
    from collections.abc import Sequence

REFERENCE = "_reference"
"""Ends the names of the columns that hold what a model has under the choice that is compared with."""


def beside_reference(scored: pl.DataFrame, reference: pl.DataFrame, key: str) -> pl.DataFrame:
    """The scored models with what the reference holds of each: nulls where it does not score the model."""
    named = reference.select(key, pl.exclude(key).name.suffix(REFERENCE))
    return scored.join(named, on=key, how="left", maintain_order="left")


def shares_and_agreement(
    scored: pl.DataFrame, indices: Sequence[str], *, agreement: bool, n_draws: int, seed: int
) -> pl.DataFrame:
    """Shares of models below, at and above 0 and, for `agreement`, Spearman's correlation with the reference.

    `scored` has the columns of `populations.scored_models` that populations are told by, `cluster` and the indices;
    for `agreement` it stands `beside_reference`, and models count that are defined in both. Columns: `population`,
    `index`, `measure` (`share_negative`, `share_zero`, `share_positive`, `rank_correlation`), `estimate`, `low`,
    `high`, `n`, `n_authors`.
    """
    scored, draws = AuthorDraws(scored["cluster"], n_draws, seed).arranged(scored)
    cells = population_cells(scored)
    bootstrap = draws.over(cells.membership)
    found = several_shares(bootstrap, signs(scored, indices))
    if agreement:
        in_both = scored.with_columns(
            pl.when(pl.col(f"{index}{REFERENCE}").is_not_null()).then(index) for index in indices
        )
        ranked = {
            (index, "rank_correlation"): (defined, values, floats(scored[f"{index}{REFERENCE}"]))
            for index, (values, defined) in measured_by(in_both, indices).items()
        }
        found |= rank_correlations(bootstrap, cells.names.height, ranked)
    return stacked(found, ["index", "measure"], cells.names.select("population"))

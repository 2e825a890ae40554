"""The tables of scores, and of what chance would make of them."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from mdi_pipeline.tables.columns import choice, count, days, hub_id, real
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.vocabulary import INDICES, SIGN_SHARES, STATUSES

WINDOWS_DAYS = (30, 60, 90, 180, 365)
"""The windows that every model is scored over, beside the one of the headline."""

NULL_POPULATIONS = ("scored", "built_upon")
"""The populations whose shares are compared with chance."""


class DisruptionScores(dy.Schema):
    """A network node and a window: counts, indices and whether they count. Formulas: docs/measure.md."""

    model_id = hub_id("Id of the focal model f.", key=True)
    window_days = days("Length of the window.", key=True)
    n_i = count("Models in the window that derive from f and from none of its parents.")
    n_j = count("Models in the window that derive from f and from at least one of its parents.")
    n_k = count("Models in the window, other than f, that derive from a parent of f and not from f.")
    n_j5 = count("Models in the window that derive from f and share at least five parents with it.")
    mdi = real(
        "Model Disruption Index, (n_i - n_j - n_k) / (n_i + n_j + n_k); null where the sum is 0.", low=-1, high=1
    )
    cd = real("CD index, (n_i - n_j) / (n_i + n_j + n_k); null where the sum is 0.", low=-1, high=1)
    cd_nok = real("(n_i - n_j) / (n_i + n_j); null where n_i + n_j = 0.", low=-1, high=1)
    mcd = real("cd * (n_i + n_j); null where the sum is 0.")
    di5 = real("(n_i - n_j5) / (n_i + n_j5 + n_k); null where the sum is 0.", low=-1, high=1)
    dep = real("Mean number of parents shared with f over the models in n_i and n_j; null where there are none.", low=0)
    status = choice(STATUSES, "Whether the index counts.")
    percentile = real(
        "Percentile of `mdi` among the scored models of the same task and quarter of creation, ties in the middle; "
        "null unless scored.",
        low=0,
        high=100,
    )

    @dy.rule()
    def index_is_defined_where_there_are_counts(cls) -> pl.Expr:
        """Undefined is null, never 0."""
        return pl.col("mdi").is_null() == ((pl.col("n_i") + pl.col("n_j") + pl.col("n_k")) == 0)

    @dy.rule()
    def scored_has_an_index(cls) -> pl.Expr:
        """What counts as scored has an index."""
        return (pl.col("status") != "scored") | pl.col("mdi").is_not_null()


DISRUPTION_SCORES = Table("disruption_scores", DisruptionScores)


class NullScores(dy.Schema):
    """A model's index against networks in which children of the same month and relation swap parents."""

    model_id = hub_id("Id of the focal model f.", key=True)
    window_days = days("Length of the window.", key=True)
    mdi = real("The observed index.", nullable=False, low=-1, high=1)
    null_mean = real("Mean over the draws in which the index is defined; null where there are none.", low=-1, high=1)
    null_deviation = real("Standard deviation over those draws; null with fewer than two.", low=0)
    z = real("(mdi - null_mean) / null_deviation; null where the null has no spread.")
    n_draws = count("Draws in which the index is defined.")


NULL_SCORES = Table("null_scores", NullScores)


class NullModel(dy.Schema):
    """A share of models with an index of one sign, observed and in networks with swapped parents."""

    population = choice(NULL_POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(INDICES, "The index that is measured.", key=True)
    window_days = days("Length of the window.", key=True)
    measure = choice(SIGN_SHARES, "What is measured.", key=True)
    estimate = real("The observed share; null where no model is defined.", low=0, high=1)
    null_mean = real("Mean share over the draws.", low=0, high=1)
    low = real("Lower end of the central 95 % of the draws.", low=0, high=1)
    high = real("Upper end of the central 95 % of the draws.", low=0, high=1)
    p_value = real("Two-sided empirical p of the observed share among the draws.", low=0, high=1)
    n = count("Models in the population whose observed index is defined.")
    n_draws = count("Draws that count.")


NULL_MODEL = Table("null_model", NullModel)

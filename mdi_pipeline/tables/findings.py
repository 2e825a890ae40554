"""The table of findings: what was published, as tests."""

from __future__ import annotations

from typing import NamedTuple

import dataframely as dy
import polars as pl

from mdi_pipeline.tables.columns import choice, count, days, real, text
from mdi_pipeline.tables.intervals import WithInterval, interval
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.statistics import POPULATIONS

SIGNED_INDICES = ("mdi", "cd", "cd_nok", "mcd", "di5")
"""The indices that call a model disruptive by being above 0; `dep` has no such bound."""

NETWORK = "network"
"""The population of what is said of the network as a whole, whatever index and window."""

DEFAULT_PHASES = "default"
"""The edges of the default network: what is declared, and guesses by rules that the crawl shows to be right."""

WIDE_PHASES = "wide"
"""Those and every candidate: whatever any phase or rule found."""


class Claim(NamedTuple):
    """A published finding as a statement on one number: it lies above, or below, a bound."""

    finding: int
    measure: str
    says: str
    above: bool
    bound: float


CLAIMS = (
    Claim(1, "share_negative", "Most models have a negative index.", above=True, bound=0.5),
    Claim(1, "share_positive", "Disruptive models are a minority.", above=False, bound=0.5),
    Claim(
        2,
        "share_positive_a_size_class",
        "Larger models are more often disruptive: the share rises from one size class to the next.",
        above=True,
        bound=0,
    ),
    Claim(
        2,
        "odds_ratio_tenfold_parameters",
        "Larger models are more often disruptive, all else alike: odds ratio of ten times the parameters.",
        above=True,
        bound=1,
    ),
    Claim(
        3,
        "lead_of_finetunes",
        "Finetunes are the most often disruptive: their share less that of the nearest other relation.",
        above=True,
        bound=0,
    ),
    Claim(
        3,
        "odds_ratio_nearest_relation",
        "Finetunes are the most often disruptive, all else alike: highest odds ratio of another relation to them.",
        above=False,
        bound=1,
    ),
    Claim(
        4,
        "rank_correlation_children",
        "The index goes with the number of children (partly by construction: children enter n_i).",
        above=True,
        bound=0,
    ),
    Claim(
        4,
        "rank_correlation_later_children",
        "The index goes with the number of children made in (W, 2 W], which do not enter it.",
        above=True,
        bound=0,
    ),
    Claim(
        5,
        "share_negative_lowest_quarter",
        "Consolidation stays dominant: even in the closed quarter with the lowest share of negative indices.",
        above=True,
        bound=0.5,
    ),
    Claim(
        5,
        "share_positive_a_year",
        "The disruptive share does not rise: by less than a percentage point a year.",
        above=False,
        bound=0.01,
    ),
    Claim(6, "gini_children", "Children are concentrated: Gini coefficient over all models.", above=True, bound=0.5),
    Claim(6, "top_1_percent_share", "The top 1 % of models have most of the children.", above=True, bound=0.5),
    Claim(
        6,
        "power_law_exponent",
        "Children per parent have a tail so heavy that its variance is infinite, as rich-get-richer growth gives: "
        "exponent of the fitted power law.",
        above=False,
        bound=3,
    ),
)
"""Every published finding as claims on numbers. The bounds are this project's reading of the words."""

VERDICTS = ("holds", "does not hold", "undecided")


class Findings(WithInterval):
    """A published finding under one choice of index, population, edges and window."""

    finding = dy.Int32(min=1, max=6, description="Number of the finding in docs/measure.md.")
    measure = choice(tuple(claim.measure for claim in CLAIMS), "The number that the finding is about.")
    population = choice((*POPULATIONS, NETWORK), "Which models it speaks of; `network`: of all, whatever the index.")
    index = choice(SIGNED_INDICES, "The index; null for what is said of the network.", nullable=True)
    phases = text(
        "The edges it rests on: `default`, those of the network; `wide`, every candidate among them.", nullable=False
    )
    window_days = days("Length of the window; null for what is said of the network.", nullable=True)
    claim = text("The finding as a statement on that number.", nullable=False)
    bound = real("The bound of the claim.", nullable=False)
    above = dy.Bool(description="Whether the claim is that the number lies above the bound; else below.")
    estimate, low, high = interval(
        "The number; null where it is undefined.",
        ": percentile bootstrap over authors; for a rank correlation of its linearised draws on Fisher's scale; for a "
        "lead, from the intervals of both shares (Zou & Donner's MOVER); for an odds ratio Wald's, clustered by "
        "author. Where the least or the highest of several is claimed, of the ends too.",
    )
    n = count("Models it rests on.")
    n_authors = count("Authors of those models: the independent draws.", nullable=True)
    verdict = choice(
        VERDICTS, "`holds`: the whole interval lies on the claimed side of the bound; `does not hold`: on the other."
    )
    reason = text("Why it is undecided; null where it is not.")

    @dy.rule()
    def one_row_each(cls) -> pl.Expr:
        """Each finding stands once under each choice."""
        return pl.len().over("finding", "measure", "population", "index", "phases", "window_days") == 1

    @dy.rule()
    def undecided_says_why(cls) -> pl.Expr:
        """A verdict is undecided for a reason."""
        return (pl.col("verdict") == "undecided") == pl.col("reason").is_not_null()


FINDINGS = Table(
    "findings", Findings, nullable_key=("finding", "measure", "population", "index", "phases", "window_days")
)

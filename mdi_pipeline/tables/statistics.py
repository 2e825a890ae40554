"""Tables of what follows from the scores."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from mdi_pipeline.tables.columns import choice, count, days, real, text
from mdi_pipeline.tables.intervals import WithInterval, interval, sample
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.vocabulary import INDICES, SIGN_SHARES

POPULATIONS = (
    "scored",
    "built_upon",
    "scored_llm",
    "built_upon_llm",
    "scored_merges",
    "built_upon_merges",
)
"""Which models a statistic speaks of: `scored`, those with a child in their window (`built_upon`),
and both for language models and for merges alone."""

MEASURES = (*SIGN_SHARES, "mean", "median", "share_without_child")
"""What is measured of an index in a group of models.

`share_without_child` is the share with n_i + n_j = 0, among the models whose index is defined. It stands
only where it says something: not for `built_upon`, nor for `cd_nok` and `dep`, which need a child."""

FACTORS = (
    "relation",
    "size_class",
    "task",
    "n_parents",
    "architecture",
    "benchmarks",
    "author_models",
    "author_quantized",
)
"""What groups of models are compared by. Nothing of it is measured after the model was made, but that a repository may
add benchmark results later."""

BY_AUTHORS = (
    ": percentile bootstrap over authors; for a median Woodruff's, from the bootstrapped standard "
    "error; for a share of 0 or 1, where every draw is alike, Clopper-Pearson's on the number of authors. Null where "
    "the group has fewer than two authors, and for a mean or median where all its models have one value."
)
"""How every interval of a score is found."""

BY_PARENTS = (
    "of the 95 % interval of a share when parents are drawn and not authors: percentile bootstrap over `main_parent`, "
    "since models of one parent share their siblings; exact where the share is 0 or 1. For comparison; null but for "
    "shares, and with fewer than two parents."
)
"""How the interval beside the headline's is found."""

PERIODS = ("quarter", "month")
"""What times of creation are grouped into."""

TREND_MEASURES = ("share_negative", "share_positive", "mean")
"""What a trend is looked for in."""


class ScoreSummary(WithInterval):
    """A measure of an index in a population."""

    population = choice(POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(INDICES, "The index that is measured.", key=True)
    window_days = days("Length of the window.", key=True)
    measure = choice(MEASURES, "What is measured.", key=True)
    estimate, low, high = interval("The measure; null where the group is empty.", BY_AUTHORS)
    n, n_authors = sample("Models in the group whose index is defined.")
    low_by_parents = real(f"Lower end {BY_PARENTS}")
    high_by_parents = real(f"Upper end {BY_PARENTS}")
    n_main_parents = count(
        "Main parents of those models: the draws of that interval; null but for shares.", nullable=True
    )

    @dy.rule()
    def ends_by_parents_are_in_order(cls) -> pl.Expr:
        """The other interval's ends are in order."""
        return pl.col("low_by_parents") <= pl.col("high_by_parents")


SCORE_SUMMARY = Table("score_summary", ScoreSummary)


class ScoreFactors(WithInterval):
    """A measure of an index in a group of models that share a level of a factor."""

    population = choice(POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(INDICES, "The index that is measured.", key=True)
    window_days = days("Length of the window.", key=True)
    factor = choice(
        FACTORS,
        "What the models are grouped by. `benchmarks`: whether the repository reports results of itself; "
        "`author_models`: models that the author had made before; `author_quantized`: the share of quantized copies "
        "among those.",
        key=True,
    )
    level = text(
        "The group: `unknown` where the factor is not known, `other` beyond the ten largest tasks or architectures.",
        key=True,
        nullable=False,
    )
    measure = choice(MEASURES, "What is measured.", key=True)
    estimate, low, high = interval("The measure; null where the group is empty.", BY_AUTHORS)
    n, n_authors = sample("Models in the group whose index is defined.")


SCORE_FACTORS = Table("score_factors", ScoreFactors)


class ScoreTrends(WithInterval):
    """A measure of an index among the models made in one quarter or month."""

    population = choice(POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(INDICES, "The index that is measured.", key=True)
    window_days = days("Length of the window.", key=True)
    period = choice(PERIODS, "Length of the period in which the models were made.", key=True)
    start = dy.Date(primary_key=True, description="First day of the period, UTC.")
    measure = choice(MEASURES, "What is measured.", key=True)
    closed = dy.Bool(
        description="Whether the windows of all models made in the period had ended at the crawl. Where not, only "
        "its early models are scored, and it should not be compared."
    )
    estimate, low, high = interval("The measure; null where the group is empty.", BY_AUTHORS)
    n, n_authors = sample("Models in the group whose index is defined.")


SCORE_TRENDS = Table("score_trends", ScoreTrends)


class TrendTests(WithInterval):
    """The trend of a measure of an index over the quarters of creation that are wholly closed."""

    population = choice(POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(INDICES, "The index that is measured.", key=True)
    window_days = days("Length of the window.", key=True)
    measure = choice(TREND_MEASURES, "What may rise or fall.", key=True)
    estimate, low, high = interval(
        "Least-squares slope over models, against the quarter of creation; null with fewer than two quarters. For a "
        "share, 0.01 is a percentage point a year.",
        ": percentile bootstrap over authors.",
        unit="1/year",
    )
    n, n_authors = sample("Models made in closed quarters whose index is defined.")
    n_quarters = count("Closed quarters with such a model.")
    direction = choice(("rises", "falls", "undecided"), "On which side of 0 the whole interval lies.")
    reason = text("Why it is undecided; null where it is not.")


TREND_TESTS = Table("trend_tests", TrendTests)

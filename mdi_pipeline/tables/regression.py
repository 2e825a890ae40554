"""The table of regressions: what goes with disruptiveness when the rest is held alike."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from mdi_pipeline.tables.columns import choice, count, days, text
from mdi_pipeline.tables.intervals import WithInterval, interval
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.vocabulary import INDICES

REGRESSION_POPULATIONS = ("scored", "built_upon", "scored_llm", "built_upon_llm")
"""The populations that regressions are made of; merges are too few for so many terms."""

OUTCOMES = ("disruptive", "index")
"""What is regressed: whether the index is above 0 (logistic), or the index itself (least squares)."""

MISSING = ("dropped", "indicator")
"""What becomes of models whose number of parameters is not known."""

TERMS = (
    "parameters",
    "parameters_unknown",
    "parents",
    "parents_inflow",
    "author_models",
    "author_derivatives",
    "relation",
    "task",
    "quarter",
)
"""What is regressed on. Nothing of it is measured after the model was made, and nothing enters the outcome."""


class ScoreRegression(WithInterval):
    """A term of a regression of an index on what was known when the models were made."""

    population = choice(REGRESSION_POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(INDICES, "The index that is regressed.", key=True)
    window_days = days("Length of the window.", key=True)
    outcome = choice(
        OUTCOMES,
        "`disruptive`: logistic regression of whether the index is above 0; `index`: least squares of the index.",
        key=True,
    )
    missing = choice(
        MISSING,
        "Models without a known number of parameters: `dropped`, or kept at the mean with an indicator beside it.",
        key=True,
    )
    term = choice(
        TERMS,
        "`parameters`: lineage_parameters; `parents`: their number; `parents_inflow`: children that the parents got in "
        "a window's length before the model was made; `author_models` and `author_derivatives`: the author's models, "
        "and the derivatives of any of the author's models, made before it; `quarter`: of creation, UTC. Where there "
        "are too few disruptive models for so many terms, years stand for quarters, and tasks of fewer than one model "
        "in twenty are `other`.",
        key=True,
    )
    level = text("The level, or for a number the step that the estimate stands for.", key=True, nullable=False)
    reference = text(
        "The level it is compared with: for relations finetune, for parents one, else the largest; null for numbers."
    )
    estimate, low, high = interval(
        "Odds ratio (`disruptive`) or difference of the index (`index`), the other terms held alike; null where it is "
        "undecided.",
        ": Wald's, from the larger of the conventional standard error and the one clustered by author.",
    )
    n = count(
        "Models in the fit; for a level left out, models of that level. Of a population above 200,000 models, the fit "
        "has about so many: those of authors drawn at random."
    )
    n_events = count("Of those, disruptive ones.")
    n_authors = count("Authors of those models: the clusters.")
    n_parameters_unknown = count("Models of the population without a known number of parameters.")
    reason = text("Why there is no estimate; null where there is one.")

    @dy.rule()
    def estimate_or_reason(cls) -> pl.Expr:
        """A term has either an estimate or the reason why not."""
        return pl.col("estimate").is_null() == pl.col("reason").is_not_null()


SCORE_REGRESSION = Table("score_regression", ScoreRegression)

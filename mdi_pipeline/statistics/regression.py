"""The table `score_regression`: what goes with disruptiveness when the rest is held alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import polars as pl

from mdi_pipeline.compute.parallel import side_by_side
from mdi_pipeline.statistics.design import Design, design
from mdi_pipeline.statistics.factors import OTHER, UNKNOWN, largest, one_of, parent_count
from mdi_pipeline.statistics.fitting import UNBOUNDED, Coefficients, Undecided, differences, odds_ratios
from mdi_pipeline.statistics.history import history_before
from mdi_pipeline.statistics.populations import POPULATION_FILTERS
from mdi_pipeline.statistics.verdicts import MIN_AUTHORS
from mdi_pipeline.tables.regression import MISSING, OUTCOMES, REGRESSION_POPULATIONS, SCORE_REGRESSION

KNOWN = ("model_id", "created_at", "pipeline_tag", "n_parents", "lineage_parameters", "author_models_before")
"""What of the models terms are made from, beside the relation."""

MIN_EVENTS_A_TERM = 5
"""With fewer events or others for each term the estimates are biased (Vittinghoff & McCulloch 2007)."""

SELDOM = 0.05
"""Tasks of a smaller share of the models are one level where there are too few events for so many terms."""

MAX_MODELS = 200_000
"""A fit of more takes tens of seconds, and its intervals are narrow long before."""


def score_regression(
    scored: pl.DataFrame,
    models: pl.DataFrame | pl.LazyFrame,
    edges: pl.DataFrame,
    window_days: int,
    index: str = "mdi",
    *,
    outcomes: Sequence[str] = OUTCOMES,
) -> pl.DataFrame:
    """Logistic and linear regressions of an index on what was known when each model was made.

    `scored` are the `populations.scored_models` of that window with what is `KNOWN`, `models` is the table that they
    were looked up in, `edges` the `lineage_edges` of the same crawl. Columns out: those of the table
    `score_regression`, for these `outcomes`. What cannot be estimated has its rows with the reason: no or too few
    models, events or authors, no convergence, separation, a level without or with nothing but events (its models are
    then left out of the fit, which does not change the other estimates, and so are those whose levels together tell
    their outcome). Tasks are the ten largest, `other` and `unknown`.
    """
    dated = models.lazy().select("model_id", "author", "created_at").collect()
    covered = _covariates(scored, dated, edges, window_days)
    covered = covered.filter(pl.col(index).is_not_null()).with_columns(event=pl.col(index) > 0)

    def regression(named: tuple[str, str, str]) -> pl.DataFrame:
        population, outcome, missing = named
        return _regression(covered.filter(POPULATION_FILTERS[population]), index, outcome, missing).with_columns(
            population=pl.lit(population), outcome=pl.lit(outcome), missing=pl.lit(missing)
        )

    frames = side_by_side(regression, product(REGRESSION_POPULATIONS, outcomes, MISSING))
    return SCORE_REGRESSION.conform(
        pl.concat(frames).with_columns(index=pl.lit(index), window_days=pl.lit(window_days, dtype=pl.Int32))
    )


def _covariates(scored: pl.DataFrame, models: pl.DataFrame, edges: pl.DataFrame, window_days: int) -> pl.DataFrame:
    created = pl.col("created_at")
    known = pl.when(pl.col("lineage_parameters") > 0).then("lineage_parameters")
    return scored.join(
        history_before(models, edges, window_days), on="model_id", how="inner", maintain_order="left"
    ).with_columns(
        pl.col("relation").fill_null(UNKNOWN),
        one_of("pipeline_tag", largest(scored["pipeline_tag"])).alias("task"),
        pl.format("{}-Q{}", created.dt.year(), created.dt.quarter()).alias("quarter"),
        parent_count().alias("parents"),
        known.cast(pl.Float64).alias("lineage_parameters"),
        pl.col("cluster").rank("dense").alias("author_number"),
    )


def _regression(models: pl.DataFrame, index: str, outcome: str, missing: str) -> pl.DataFrame:
    """The rows of one regression, without what names it."""
    unknown = pl.col("lineage_parameters").is_null()
    n_unknown = models.select(unknown.sum()).item()
    if missing == "dropped":
        used = models.filter(~unknown)
    else:
        typical = models.select(pl.lit(10.0) ** pl.col("lineage_parameters").log(10).mean()).item()
        filled = pl.col("lineage_parameters").fill_null(1.0 if typical is None else typical)
        used = models.with_columns(parameters_unknown=unknown).with_columns(lineage_parameters=filled)
    logistic = outcome == "disruptive"
    used = _of_drawn_authors(used)
    return _rows(*_estimated(used, index, logistic), n_unknown)


def _of_drawn_authors(models: pl.DataFrame) -> pl.DataFrame:
    """All models, or beyond `MAX_MODELS` about so many: those of authors drawn at random."""
    if models.height <= MAX_MODELS:
        return models
    chance = np.random.default_rng(0).random(int(models["author_number"].max()) + 1)  # type: ignore[arg-type]
    return models.filter(chance[models["author_number"].cast(pl.Int64).to_numpy()] < MAX_MODELS / models.height)


def _estimated(used: pl.DataFrame, index: str, logistic: bool) -> tuple[Design, Coefficients | str]:
    """The design, with the coefficients or the reason why there are none."""
    made = design(used, need_events=logistic)
    if _rarer(made, logistic) < MIN_EVENTS_A_TERM * len(made.columns):
        made = design(_narrower(used), need_events=logistic)
    try:
        _require_enough(made, logistic)
        clusters = made.models["author_number"].cast(pl.Int64).to_numpy()
        if logistic:
            return made, odds_ratios(made.matrix, made.models["event"].to_numpy(), clusters)
        return made, differences(made.matrix, made.models[index].cast(pl.Float64).to_numpy(), clusters)
    except Undecided as undecided:
        return made, str(undecided)


def _narrower(models: pl.DataFrame) -> pl.DataFrame:
    """The models with fewer levels: years in place of quarters, and seldom tasks as one."""
    seldom = pl.len().over("task") < SELDOM * models.height
    return models.with_columns(
        quarter=pl.col("quarter").str.head(4), task=pl.when(seldom).then(pl.lit(OTHER)).otherwise("task")
    )


def _rarer(made: Design, logistic: bool) -> int:
    """Models of the rarer outcome, or all where the outcome is a number."""
    n_models, n_events = made.models.height, int(made.models["event"].sum())
    return min(n_events, n_models - n_events) if logistic else n_models


def _require_enough(made: Design, logistic: bool) -> None:
    models, n_terms = made.models, len(made.columns)
    if models.is_empty():
        raise Undecided("no model with all that is regressed on")
    n_authors = models["cluster"].n_unique()
    if n_authors < MIN_AUTHORS:
        raise Undecided(f"{n_authors} authors, fewer than {MIN_AUTHORS}")
    if n_terms == 0:
        raise Undecided("no term varies")
    rarer = _rarer(made, logistic)
    if rarer < MIN_EVENTS_A_TERM * n_terms:
        what = f"{rarer:,} models of the rarer outcome" if logistic else f"{rarer:,} models"
        raise Undecided(f"{what} for {n_terms} terms, fewer than {MIN_EVENTS_A_TERM} each")


def _rows(made: Design, found: Coefficients | str, n_unknown: int) -> pl.DataFrame:
    models = made.models
    nothing = np.full(len(made.columns), np.nan)
    estimate, low, high = (
        (nothing, nothing, nothing) if isinstance(found, str) else (found.estimate, found.low, found.high)
    )
    fitted = []
    for column, *numbers in zip(made.columns, estimate, low, high, strict=True):
        reason = found if isinstance(found, str) else made.together.get(column)
        if reason is None and np.isnan(numbers[0]):
            reason = UNBOUNDED
        known = [np.nan] * len(numbers) if reason else numbers
        fitted.append((column.term, column.level, column.reference, *known, reason))
    schema = ["term", "level", "reference", "estimate", "low", "high", "reason"]
    texts = dict.fromkeys(("term", "level", "reference", "reason"), pl.String)
    reals = dict.fromkeys(("estimate", "low", "high"), pl.Float64)
    counts = dict.fromkeys(("n", "n_events", "n_authors"), pl.Int64)
    of_fit = pl.DataFrame(fitted, schema=schema, schema_overrides={**texts, **reals}, orient="row").with_columns(
        n=pl.lit(models.height, dtype=pl.Int64),
        n_events=models["event"].sum(),
        n_authors=pl.lit(models["cluster"].n_unique(), dtype=pl.Int64),
    )
    left = pl.DataFrame(
        [
            (
                gone.column.term,
                gone.column.level,
                gone.column.reference,
                gone.reason,
                gone.n,
                gone.n_events,
                gone.n_authors,
            )
            for gone in made.left_out
        ],
        schema=["term", "level", "reference", "reason", "n", "n_events", "n_authors"],
        schema_overrides={**texts, **counts},
        orient="row",
    )
    return pl.concat([of_fit, left], how="diagonal_relaxed").with_columns(
        pl.col("estimate", "low", "high").fill_nan(None), n_parameters_unknown=pl.lit(n_unknown, dtype=pl.Int64)
    )

"""The logistic regression as a forest plot of odds ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from mdi_pipeline.report.dots import Axis, dots
from mdi_pipeline.report.figure import NEGATIVE, Figure
from mdi_pipeline.report.words import POPULATION_WORDS, count

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

TERM_WORDS = {
    "parameters": "parameters",
    "parameters_unknown": "parameters unknown",
    "parents": "parents",
    "parents_inflow": "parents' inflow",
    "author_models": "author's models",
    "author_derivatives": "author's derivatives",
    "relation": "relation",
    "task": "task",
    "quarter": "quarter",
}
_ENDS = (0.01, 100)
_SERIES = "odds ratio"


def regression_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """A forest plot for each headline population whose regression could be made; quarters are not drawn."""
    found = {}
    for population in ("built_upon", "scored"):
        rows = _fit(inputs, population)
        drawn = rows.filter(pl.col("estimate").is_not_null(), pl.col("term") != "quarter")
        if drawn.height:
            found[f"regression_{population}"] = _forest(rows, drawn, population)
    return found


def regression_sentences(inputs: ReportInputs) -> list[str]:
    """For each headline population what was fitted on how many models, or why nothing was."""
    sentences = []
    for population in ("built_upon", "scored"):
        rows = _fit(inputs, population)
        if rows.is_empty():
            sentences.append(f"{POPULATION_WORDS[population].capitalize()}: undecided because no regression was made.")
            continue
        estimated = rows.filter(pl.col("estimate").is_not_null())
        whole = (estimated if estimated.height else rows).sort("n").row(-1, named=True)
        if estimated.is_empty():
            reasons = rows.filter(pl.col("n") == whole["n"])["reason"].value_counts()
            said = f"undecided because: {reasons.sort(['count', 'reason'], descending=[True, False])['reason'][0]}"
        else:
            said = f"{count(whole['n_events'], 'model')} disruptive of {_basis(whole)}"
        sentences.append(f"{POPULATION_WORDS[population].capitalize()}: {said}; {_missing(whole)}.")
    return sentences


def _fit(inputs: ReportInputs, population: str) -> pl.DataFrame:
    """The regression without models of unknown size; where that gives nothing, the one that keeps them if that does."""
    fits = inputs.score_regression.filter(
        pl.col("population") == population,
        pl.col("index") == "mdi",
        pl.col("window_days") == inputs.window_days,
        pl.col("outcome") == "disruptive",
    ).sort("term", "level")
    estimated = set(fits.filter(pl.col("estimate").is_not_null())["missing"])
    return fits.filter(pl.col("missing") == ("indicator" if estimated == {"indicator"} else "dropped"))


def _missing(row: dict[str, Any]) -> str:
    """What became of the models without a known number of parameters."""
    unknown = f"{count(row['n_parameters_unknown'], 'model')} without a known number of parameters"
    if row["missing"] == "dropped":
        return f"{unknown} dropped"
    return f"without the {unknown} nothing could be estimated, so they are kept, with an indicator"


def _basis(row: dict[str, Any]) -> str:
    return f"{count(row['n'], 'model')} by {count(row['n_authors'], 'author')}"


def _forest(rows: pl.DataFrame, drawn: pl.DataFrame, population: str) -> Figure:
    order = {term: place for place, term in enumerate(TERM_WORDS)}
    data = drawn.sort(pl.col("term").replace_strict(order), "level").with_columns(
        label=pl.format(
            "{}|{}{}",
            pl.col("term").replace_strict(TERM_WORDS, return_dtype=pl.String),
            "level",
            pl.when(pl.col("reference").is_not_null()).then(pl.format(" to {}", "reference")).otherwise(pl.lit("")),
        ),
        series=pl.lit(_SERIES),
    )
    shown = data.select("label", "series", pl.col("estimate", "low", "high").clip(*_ENDS))
    reach: float = shown.select(pl.max_horizontal("high", 1 / pl.col("low")).max()).item()
    controls = ", ".join(TERM_WORDS[term] for term in TERM_WORDS if term in set(rows["term"]))
    whole = data.sort("n").row(-1, named=True)
    left_out = rows["estimate"].null_count()
    return Figure(
        title=f"Odds ratios of being disruptive (mdi above 0): {POPULATION_WORDS[population]}",
        subtitle=f"Logistic, errors clustered by author; line: 95 % interval, cut at {_ENDS[0]:g} and {_ENDS[1]:g}. "
        f"Held alike: {controls}. n = {_basis(whole)}; {count(left_out, 'level')} without an estimate, "
        f"{count(whole['n_parameters_unknown'], 'model')} without known size "
        f"{'dropped' if whole['missing'] == 'dropped' else 'kept, with an indicator'}.",
        description=" ".join(
            f"{row['label'].replace('|', ', ')}: {row['estimate']:.3g} [{row['low']:.3g}, {row['high']:.3g}]."
            for row in data.to_dicts()
        ),
        chart=dots(
            shown,
            data["label"].to_list(),
            {_SERIES: NEGATIVE},
            Axis("odds ratio, logarithmic", "~g", (1 / (1.2 * reach), 1.2 * reach), log=True, bound=1),
        ),
        data=rows,
    )

"""What the sections of the page say beside their figures: regression, trends, attention, deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from mdi_pipeline.report.inputs import HEADLINE_INDEX, HEADLINE_POPULATIONS
from mdi_pipeline.report.prose.wording import (
    COUNTER_WORDS,
    POPULATION_WORDS,
    count,
    models_by_authors,
    of_models,
    share_words,
    signed,
    value_words,
)
from mdi_pipeline.statistics.ranking import MINIMA
from mdi_pipeline.tables.attention import COUNTERS, GAPS, NOTICED, UNNOTICED
from mdi_pipeline.tables.sensitivity import UNITED

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

_SPOKEN_COUNTERS = ("likes", "downloads")
"""The counters that have sentences of their own."""

_N_LISTED = 10
"""How many models each list of gaps shows."""

_SINGLE, _UNION = UNITED

_DIRECTIONS = {"rises": "rises", "falls": "falls", "undecided": "is undecided whether it rises or falls"}

_TITLES = {
    "disruptive_unnoticed": "Disruptive and hardly noticed",
    "noticed_not_disruptive": "Noticed and not disruptive",
}
_CRITERIA = {
    "disruptive_unnoticed": f"mdi above 0 and attention up to percentile {UNNOTICED}; highest mdi first.",
    "noticed_not_disruptive": f"mdi below 0 and attention from percentile {NOTICED} on; most of it first.",
}
_ATTENTION = (
    " Attention: mean percentile of likes and downloads among the scored models of the same quarter of creation."
)


class GapList(NamedTuple):
    """Models on which index and attention part: `rows` of `attention_gaps`, or `nothing` says that there are none."""

    title: str
    criterion: str
    rows: list[dict[str, Any]]
    nothing: str


def regression_sentences(inputs: ReportInputs) -> list[str]:
    """For each headline population what was fitted on how many models, or why nothing was."""
    return [
        f"{POPULATION_WORDS[population].capitalize()}: {_fitted(inputs.regression_of(population))}."
        for population in HEADLINE_POPULATIONS
    ]


def _fitted(rows: pl.DataFrame) -> str:
    if rows.is_empty():
        return "undecided because no regression was made"
    estimated = rows.filter(pl.col("estimate").is_not_null())
    whole = (estimated if estimated.height else rows).sort("n").row(-1, named=True)
    if estimated.is_empty():
        reasons = rows.filter(pl.col("n") == whole["n"])["reason"].value_counts()
        said = f"undecided because: {reasons.sort(['count', 'reason'], descending=[True, False])['reason'][0]}"
    else:
        said = f"{count(whole['n_events'], 'model')} disruptive of {models_by_authors(whole)}"
    return f"{said}; {_of_unknown_size(whole)}"


def _of_unknown_size(row: dict[str, Any]) -> str:
    """What became of the models without a known number of parameters."""
    unknown = f"{count(row['n_parameters_unknown'], 'model')} without a known number of parameters"
    if row["missing"] == "dropped":
        return f"{unknown} dropped"
    return f"without the {unknown} nothing could be estimated, so they are kept, with an indicator"


def trend_sentences(inputs: ReportInputs) -> list[str]:
    """Whether the disruptive share rises or falls, for both headline populations."""
    tests = inputs.trend_tests.filter(
        pl.col("population").is_in(list(HEADLINE_POPULATIONS)),
        pl.col("index") == HEADLINE_INDEX,
        pl.col("window_days") == inputs.window_days,
        pl.col("measure") == "share_positive",
    ).sort("population")
    sentences = []
    for row in tests.to_dicts():
        where = f"{POPULATION_WORDS[row['population']].capitalize()}, {count(row['n_quarters'], 'closed quarter')}"
        change = (
            "the disruptive share has no slope"
            if row["estimate"] is None
            else f"the disruptive share changes by {signed(100 * row['estimate'])} points a year"
            + ("" if row["low"] is None else f" [{signed(100 * row['low'])}, {signed(100 * row['high'])}]")
        )
        why = f" because: {row['reason']}" if row["reason"] else ""
        sentences.append(f"{where}: {change}, n = {models_by_authors(row)}. It {_DIRECTIONS[row['direction']]}{why}.")
    return sentences


def counter_sentences(inputs: ReportInputs) -> list[str]:
    """How likes and downloads go with the index in the headline populations; which counters say nothing, and why."""
    rows = {(row["population"], row["counter"], row["measure"]): row for row in inputs.headline_attention.to_dicts()}
    if not rows:
        return []
    spoken = [
        sentence
        for population in HEADLINE_POPULATIONS
        for counter in _SPOKEN_COUNTERS
        for sentence in _of_counter(rows, population, counter)
    ]
    return [*spoken, *_of_silent(rows)]


def _of_counter(rows: dict[tuple[str, str, str], dict[str, Any]], population: str, counter: str) -> list[str]:
    whole, within, noticed, unnoticed = (
        rows[population, counter, measure]
        for measure in (
            "rank_correlation",
            "rank_correlation_within_quarter",
            "disruptive_share_of_noticed",
            "disruptive_share_of_unnoticed",
        )
    )
    name = f"{POPULATION_WORDS[population].capitalize()}, {COUNTER_WORDS[counter]}"
    if whole["reason"]:
        known_of_others = not rows["scored", counter, "rank_correlation"]["reason"]
        return [f"{name}: undecided because: {whole['reason']}."] if known_of_others else []
    correlations = (
        f"{name}: the rank correlation with the index is {value_words(whole)}, within the quarter of creation "
        f"{value_words(within)}, n = {models_by_authors(whole)}."
    )
    return [f"{correlations} {_share('noticed', noticed)} {_share('hardly noticed', unnoticed)}"]


def _share(words: str, row: dict[str, Any]) -> str:
    """How many of the noticed or hardly noticed are disruptive."""
    if row["reason"]:
        return f"Of the {words}: undecided because: {row['reason']}."
    return f"Of the {words}, {share_words(row)} {of_models(row)} are disruptive."


def _of_silent(rows: dict[tuple[str, str, str], dict[str, Any]]) -> list[str]:
    """The counters of which nothing is known, by reason."""
    silent: dict[str, list[str]] = {}
    for counter in COUNTERS:
        row = rows["scored", counter, "rank_correlation"]
        if row["reason"]:
            silent.setdefault(row["reason"], []).append(COUNTER_WORDS[counter])
    return [f"Undecided for {' / '.join(names)} because: {reason}." for reason, names in silent.items()]


def gap_lists(inputs: ReportInputs) -> list[GapList]:
    """Both lists of models on which index and attention part, the first ten of each."""
    return [_gap_list(inputs, gap) for gap in GAPS]


def _gap_list(inputs: ReportInputs, gap: str) -> GapList:
    rows = inputs.attention_gaps.filter(
        pl.col("gap") == gap, pl.col("window_days") == inputs.window_days, pl.col("place") <= _N_LISTED
    ).sort("place")
    minimum: int = rows["minimum"][0] if rows.height else MINIMA[0]
    lowered = "" if minimum == MINIMA[0] else f" No model reaches n ≥ {MINIMA[0]}: read this list with care."
    return GapList(
        _TITLES[gap],
        f"{_CRITERIA[gap]} With n ≥ {minimum}.{lowered}{_ATTENTION}",
        rows.to_dicts(),
        f"No model: {_CRITERIA[gap].split(';')[0]}.",
    )


def union_sentence(inputs: ReportInputs) -> str:
    """What deletions do to the headline, or why that cannot be said."""
    rows = inputs.survivorship.filter(
        pl.col("window_days") == inputs.window_days,
        pl.col("population") == "built_upon",
        pl.col("index") == HEADLINE_INDEX,
        pl.col("measure") == "share_positive",
    )
    said = {row["variant"]: row for row in rows.to_dicts()}
    if _UNION not in said:
        return "What deletions do to the scores is undecided: no crawls were united."
    union, single = said[_UNION], said[_SINGLE]
    if union["reason"]:
        return f"What deletions do to the scores is undecided because: {union['reason']}."
    return (
        f"{count(union['n_gone'], 'model')} that {count(union['n_crawls'], 'earlier crawl')} held "
        f"{'is' if union['n_gone'] == 1 else 'are'} gone. With them, {share_words(union)} {of_models(union)} built "
        f"upon are disruptive; without them, {share_words(single)} {of_models(single)}."
    )

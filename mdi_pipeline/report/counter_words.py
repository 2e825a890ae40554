"""Disruption beside attention, in words: how far index and counters agree, and where they part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from mdi_pipeline.report.words import POPULATION_WORDS, count, of_models, share_words, value_words
from mdi_pipeline.statistics.ranking import MINIMA
from mdi_pipeline.tables.attention import COUNTERS, GAPS, NOTICED, UNNOTICED

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

COUNTER_WORDS = {
    "likes": "likes",
    "downloads": "downloads, 30 days",
    "downloads_all_time": "downloads, all time",
    "likes_change": "likes since last crawl",
    "downloads_change": "change of downloads",
    "downloads_all_time_change": "downloads since last crawl",
}
"""What each counter is called."""

_SPOKEN = ("likes", "downloads")
_LISTED = 10

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


def counter_sentences(inputs: ReportInputs) -> list[str]:
    """For the headline populations: how likes and downloads go with the index; which counters say nothing, and why."""
    table = headline_attention(inputs)
    rows = {(row["population"], row["counter"], row["measure"]): row for row in table.to_dicts()}
    if not rows:
        return []
    spoken = [
        sentence
        for population in ("built_upon", "scored")
        for counter in _SPOKEN
        for sentence in _of_counter(rows, population, counter)
    ]
    return [*spoken, *_of_silent(rows)]


def headline_attention(inputs: ReportInputs) -> pl.DataFrame:
    """The rows of `attention` for `mdi`, the report's window and the headline populations."""
    return inputs.attention.filter(
        pl.col("index") == "mdi",
        pl.col("window_days") == inputs.window_days,
        pl.col("population").is_in(["built_upon", "scored"]),
    )


def gap_lists(inputs: ReportInputs) -> list[GapList]:
    """Both lists of models on which index and attention part, the first ten of each."""
    return [_gap_list(inputs, gap) for gap in GAPS]


def _gap_list(inputs: ReportInputs, gap: str) -> GapList:
    rows = inputs.attention_gaps.filter(
        pl.col("gap") == gap, pl.col("window_days") == inputs.window_days, pl.col("place") <= _LISTED
    ).sort("place")
    minimum: int = rows["minimum"][0] if rows.height else MINIMA[0]
    lowered = "" if minimum == MINIMA[0] else f" No model reaches n ≥ {MINIMA[0]}: read this list with care."
    return GapList(
        _TITLES[gap],
        f"{_CRITERIA[gap]} With n ≥ {minimum}.{lowered}{_ATTENTION}",
        rows.to_dicts(),
        f"No model: {_CRITERIA[gap].split(';')[0]}.",
    )


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
        f"{value_words(within)}, n = {count(whole['n'], 'model')} by {count(whole['n_authors'], 'author')}."
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

"""Figures of disruption beside attention: how far the index and the Hub's counters agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.counter_words import COUNTER_WORDS, headline_attention
from mdi_pipeline.report.dots import CORRELATION, dots, share_axis
from mdi_pipeline.report.figure import NEGATIVE, POSITIVE, Figure
from mdi_pipeline.report.intervals import POPULATION_COLOURS, SERIES
from mdi_pipeline.report.words import POPULATION_WORDS, count, of_models, share_words, value_words
from mdi_pipeline.tables.attention import NOTICED, UNNOTICED

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

_WITHIN = "rank_correlation_within_quarter"
_SIDES = {"disruptive_share_of_noticed": "noticed", "disruptive_share_of_unnoticed": "hardly noticed"}
_SIDE_COLOURS = {"noticed": POSITIVE, "hardly noticed": NEGATIVE}


def counter_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """How the index goes with each counter, and how often the noticed and the hardly noticed are disruptive."""
    known = headline_attention(inputs).filter(pl.col("estimate").is_not_null())
    found = {"counters_agreement": _agreement(known), "counters_noticed": _noticed(known)}
    return {name: figure for name, figure in found.items() if figure is not None}


def _agreement(known: pl.DataFrame) -> Figure | None:
    data = known.filter(pl.col("measure").str.starts_with("rank_correlation")).sort("counter", "measure", "population")
    shown = _labelled(data.filter(pl.col("measure") == _WITHIN), "built_upon", "scored")
    if shown.is_empty():
        return None
    drawn = shown.with_columns(series=pl.col("population").replace_strict(SERIES, return_dtype=pl.String))
    return Figure(
        title="Disruption beside attention: rank correlation of the index (mdi) with the Hub's counters",
        subtitle="Spearman's, within the quarter of creation; line: 95 % interval; dashed: none. n: models built upon; "
        "all scored.",
        description=" ".join(
            f"{COUNTER_WORDS[row['counter']]}, {POPULATION_WORDS[row['population']]}: {value_words(row)}, "
            f"n = {count(row['n'], 'model')}."
            for row in shown.to_dicts()
        ),
        chart=dots(
            drawn, _order(shown), {SERIES[name]: colour for name, colour in POPULATION_COLOURS.items()}, CORRELATION
        ),
        data=data,
    )


def _noticed(known: pl.DataFrame) -> Figure | None:
    data = known.filter(pl.col("measure").is_in(list(_SIDES)), pl.col("population") == "built_upon").sort(
        "counter", "measure"
    )
    if data.is_empty():
        return None
    sides = data.with_columns(side=pl.col("measure").replace_strict(_SIDES, return_dtype=pl.String))
    shown = _labelled(sides, *_SIDE_COLOURS, by="side")
    drawn = shown.with_columns(series="side")
    return Figure(
        title="Share of disruptive models (mdi above 0) among the noticed and the hardly noticed",
        subtitle=f"Models built upon; noticed: counter at percentile {NOTICED} or above of their quarter, hardly: "
        f"{UNNOTICED} or below. Line: 95 % interval. n: noticed; hardly noticed.",
        description=" ".join(
            f"{COUNTER_WORDS[row['counter']]}, {row['side']}: {share_words(row)} {of_models(row)}."
            for row in shown.to_dicts()
        ),
        chart=dots(drawn, _order(shown), _SIDE_COLOURS, share_axis(drawn)),
        data=data,
    )


def _labelled(rows: pl.DataFrame, *of: str, by: str = "population") -> pl.DataFrame:
    """The rows with the label of their counter: its name, and under it how many models each series has."""
    sizes = {(counter, which): n for counter, which, n in rows.select("counter", by, "n").iter_rows()}
    labels = {
        counter: f"{words}|n = {'; '.join(f'{sizes.get((counter, which), 0):,}' for which in of)}"
        for counter, words in COUNTER_WORDS.items()
    }
    return rows.with_columns(label=pl.col("counter").replace_strict(labels, return_dtype=pl.String))


def _order(shown: pl.DataFrame) -> list[str]:
    labels = dict(shown.select("counter", "label").iter_rows())
    return [labels[counter] for counter in COUNTER_WORDS if counter in labels]

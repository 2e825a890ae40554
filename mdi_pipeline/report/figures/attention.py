"""Figures of disruption beside attention: the index beside the Hub's counters, and beside the number of children."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.figures.drawing import (
    CORRELATION,
    NEGATIVE,
    POSITIVE,
    SERIES_COLOURS,
    ZERO,
    dots,
    share_axis,
    sign_colour,
    size_label,
    sized,
)
from mdi_pipeline.report.figures.figure import Figure
from mdi_pipeline.report.prose.wording import (
    COUNTER_WORDS,
    POPULATION_WORDS,
    SERIES_WORDS,
    count,
    of_models,
    share_words,
    value_words,
)
from mdi_pipeline.statistics.populations import POPULATION_FILTERS
from mdi_pipeline.tables.attention import NOTICED, UNNOTICED

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

_WITHIN = "rank_correlation_within_quarter"
_SIDES = {"disruptive_share_of_noticed": "noticed", "disruptive_share_of_unnoticed": "hardly noticed"}
_SIDE_COLOURS = {"noticed": POSITIVE, "hardly noticed": NEGATIVE}

_CHILDREN = [("1", 1), ("2", 2), ("3–5", 5), ("6–10", 10), ("11–100", 100)]
"""Classes of the number of children, each with its last."""

_MOST_CHILDREN = "over 100"


def counter_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """How the index goes with each counter, and how often the noticed and the hardly noticed are disruptive."""
    known = inputs.headline_attention.filter(pl.col("estimate").is_not_null())
    found = {"counters_agreement": _agreement(known), "counters_noticed": _noticed(known)}
    return {name: figure for name, figure in found.items() if figure is not None}


def _agreement(known: pl.DataFrame) -> Figure | None:
    data = known.filter(pl.col("measure").str.starts_with("rank_correlation")).sort("counter", "measure", "population")
    shown = _labelled(data.filter(pl.col("measure") == _WITHIN), "built_upon", "scored")
    if shown.is_empty():
        return None
    drawn = shown.with_columns(series=pl.col("population").replace_strict(SERIES_WORDS, return_dtype=pl.String))
    return Figure(
        title="Disruption beside attention: rank correlation of the index (mdi) with the Hub's counters",
        subtitle="Spearman's, within the quarter of creation; line: 95 % interval; dashed: none. n: models built upon; "
        "all scored.",
        description=" ".join(
            f"{COUNTER_WORDS[row['counter']]}, {POPULATION_WORDS[row['population']]}: {value_words(row)}, "
            f"n = {count(row['n'], 'model')}."
            for row in shown.to_dicts()
        ),
        chart=dots(drawn, _order(shown), SERIES_COLOURS, CORRELATION),
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
        counter: size_label(words, *(sizes.get((counter, which), 0) for which in of))
        for counter, words in COUNTER_WORDS.items()
    }
    return rows.with_columns(label=pl.col("counter").replace_strict(labels, return_dtype=pl.String))


def _order(shown: pl.DataFrame) -> list[str]:
    """The labels of `_labelled` rows, in the order of the counters."""
    labels = dict(shown.select("counter", "label").iter_rows())
    return [labels[counter] for counter in COUNTER_WORDS if counter in labels]


def children_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """How many models built upon have which index and how many children, whenever made."""
    import altair as alt

    built_upon = inputs.scored.filter(POPULATION_FILTERS["built_upon"], pl.col("mdi").is_not_null())
    if built_upon.is_empty():
        return {}
    data = (
        built_upon.select(
            children=pl.coalesce(
                *(pl.when(pl.col("n_children") <= last).then(pl.lit(label)) for label, last in _CHILDREN),
                pl.lit(_MOST_CHILDREN),
            ),
            mdi=(pl.col("mdi") * 5).round() / 5 + 0.0,
        )
        .group_by("children", "mdi")
        .agg(models=pl.len())
        .sort("children", "mdi")
    )
    labels = [label for label, _ in _CHILDREN] + [_MOST_CHILDREN]
    chart = (
        alt.Chart(data.with_columns(sign=pl.col("mdi").sign().cast(pl.Int8)))
        .mark_circle(opacity=0.85)
        .encode(
            x=alt.X("children:O", sort=labels)
            .scale(domain=labels)
            .axis(title="children up to the crawl", labelAngle=0),
            y=alt.Y("mdi:Q").scale(domain=[-1.1, 1.1]).axis(title="mdi, rounded to fifths", tickCount=5),
            size=alt.Size("models:Q")
            .scale(range=[12, 700], zero=True)
            .legend(orient="top", tickCount=3, symbolFillColor=ZERO),
            color=sign_colour(),
        )
    )
    most = data.sort("models", "children", descending=[True, False]).row(0, named=True)
    figure = Figure(
        title="The index against the number of children",
        subtitle="Models built upon; area: number of models. Children inside the window enter the index, so some "
        f"agreement is by construction. n = {count(built_upon.height, 'model')}.",
        description=f"{count(built_upon.height, 'model')} by children and index; most, {most['models']:,}, have "
        f"children in the class {most['children']} and an index near {most['mdi']:g}.",
        chart=sized(chart, 300),
        data=data,
    )
    return {"index_by_children": figure}

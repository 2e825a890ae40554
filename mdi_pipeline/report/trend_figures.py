"""Figures of the disruptive share by quarter of creation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.dots import share_axis
from mdi_pipeline.report.figure import POSITIVE, WIDTH, ZERO, Figure
from mdi_pipeline.report.words import POPULATION_WORDS, count, share_words, signed

if TYPE_CHECKING:
    import altair as alt

    from mdi_pipeline.report.inputs import ReportInputs

_CLOSED, _OPEN = "all windows closed", "windows still open"


def trend_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """For the built upon and the scored: the disruptive share by quarter, with the band of its intervals."""
    found = {}
    for population in ("built_upon", "scored"):
        data = inputs.score_trends.filter(
            pl.col("population") == population,
            pl.col("index") == "mdi",
            pl.col("window_days") == inputs.window_days,
            pl.col("period") == "quarter",
            pl.col("measure") == "share_positive",
            pl.col("n") > 0,
        ).sort("start")
        if data.height:
            found[f"trend_{population}"] = _trend(data, population)
    return found


def trend_sentences(inputs: ReportInputs) -> list[str]:
    """Whether the disruptive share rises or falls, for both headline populations."""
    tests = inputs.trend_tests.filter(
        pl.col("population").is_in(["built_upon", "scored"]),
        pl.col("index") == "mdi",
        pl.col("window_days") == inputs.window_days,
        pl.col("measure") == "share_positive",
    ).sort("population")
    sentences = []
    for row in tests.to_dicts():
        basis = f"n = {count(row['n'], 'model')} by {count(row['n_authors'], 'author')}"
        where = f"{POPULATION_WORDS[row['population']].capitalize()}, {count(row['n_quarters'], 'closed quarter')}"
        change = (
            "the disruptive share has no slope"
            if row["estimate"] is None
            else f"the disruptive share changes by {signed(100 * row['estimate'])} points a year"
            + ("" if row["low"] is None else f" [{signed(100 * row['low'])}, {signed(100 * row['high'])}]")
        )
        why = f" because: {row['reason']}" if row["reason"] else ""
        sentences.append(f"{where}: {change}, {basis}. It {_DIRECTIONS[row['direction']]}{why}.")
    return sentences


_DIRECTIONS = {"rises": "rises", "falls": "falls", "undecided": "is undecided whether it rises or falls"}


def _trend(data: pl.DataFrame, population: str) -> Figure:
    n, quarters, closed = int(data["n"].sum()), data.height, data["closed"].sum()
    return Figure(
        title=f"Share of disruptive models (mdi above 0) by quarter: {POPULATION_WORDS[population]}",
        subtitle="Band: 95 % interval of each quarter. Hollow: quarters whose windows are not all closed, not to be "
        f"compared. n = {count(n, 'model')} in {count(quarters, 'quarter')}, {closed} of them closed.",
        description=" ".join(
            f"{_quarter(row['start'])}{'' if row['closed'] else ' (not closed)'}: {share_words(row)} of "
            f"{count(row['n'], 'model')}."
            for row in data.to_dicts()
        ),
        chart=_band(data),
        data=data,
    )


def _quarter(start: object) -> str:
    year, month, _ = str(start).split("-")
    return f"{year} Q{(int(month) + 2) // 3}"


def _band(data: pl.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    drawn = data.with_columns(
        quarter=pl.col("start").map_elements(_quarter, return_dtype=pl.String),
        state=pl.when("closed").then(pl.lit(_CLOSED)).otherwise(pl.lit(_OPEN)),
    ).select("quarter", "state", "estimate", "low", "high")
    quarters = drawn["quarter"].to_list()
    axis = share_axis(data)
    x = alt.X("quarter:O", sort=quarters).axis(
        title="quarter of creation", labelAngle=-40, values=quarters[:: max(1, len(quarters) // 6)]
    )
    y = alt.Y("estimate:Q").axis(format="%", title=axis.title, tickCount=5).scale(domain=list(axis.domain))
    base = alt.Chart(drawn).encode(x=x)
    points = base.mark_point(size=52, opacity=1, strokeWidth=2, color=POSITIVE).encode(
        y=y,
        fill=alt.Fill("state:N")
        .scale(domain=[_CLOSED, _OPEN], range=[POSITIVE, "transparent"])
        .legend(symbolStrokeColor=POSITIVE, symbolType="circle"),
    )
    layers: alt.LayerChart = (
        base.mark_area(color=ZERO, opacity=0.28).encode(y=alt.Y("low:Q"), y2="high:Q")
        + base.mark_rule(color=ZERO, strokeWidth=2).encode(y=alt.Y("low:Q"), y2="high:Q")
        + base.mark_line(color=POSITIVE, strokeWidth=1.5).encode(y=y)
        + points
    )
    sized: alt.LayerChart = layers.properties(
        width=WIDTH, height=240, autosize=alt.AutoSizeParams(type="fit", contains="padding")
    )
    return sized

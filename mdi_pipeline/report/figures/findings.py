"""Figures of the published findings: how often each holds, and its estimates, whatever is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.figures.drawing import (
    NEGATIVE,
    POSITIVE,
    SPLIT_LABEL,
    WIDTH,
    ZERO,
    panel,
    size_label,
    sized,
)
from mdi_pipeline.report.figures.figure import Figure
from mdi_pipeline.report.prose.findings import SHORT_WORDS
from mdi_pipeline.report.prose.wording import count
from mdi_pipeline.tables.findings import CLAIMS, VERDICTS

if TYPE_CHECKING:
    import altair as alt

    from mdi_pipeline.report.inputs import ReportInputs

SPECIFICATIONS = "findings_specifications"
"""The name of the figure that says how often each finding holds."""

FEWEST = 5
"""With fewer estimates there is no curve."""

_VERDICT_COLOURS = {"holds": NEGATIVE, "undecided": ZERO, "does not hold": POSITIVE}
_ROW = 30
_PANEL = 62
_ENDS = (0.01, 100)
"""Where odds ratios are cut."""


def specification_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """One figure: for each claim, in how many specifications it holds, does not, or is undecided."""
    if inputs.findings.is_empty():
        return {}
    counted = inputs.findings.group_by("finding", "measure", "verdict").agg(specifications=pl.len())
    totals = dict(inputs.findings.group_by("measure").len().iter_rows())
    labels = {
        claim.measure: size_label(f"{claim.finding}. {SHORT_WORDS[claim.measure]}", totals[claim.measure])
        for claim in CLAIMS
        if claim.measure in totals
    }
    verdicts = pl.Enum(list(_VERDICT_COLOURS))
    data = (
        counted.with_columns(
            label=pl.col("measure").replace_strict(labels, return_dtype=pl.String),
            share=pl.col("specifications") / pl.col("specifications").sum().over("measure"),
            place=pl.col("verdict").cast(verdicts).to_physical(),
        )
        .sort("finding", "measure", "place")
        .with_columns(pl.col("verdict").cast(pl.String))
    )
    figure = Figure(
        title="How often each finding holds, whatever is chosen",
        subtitle="Every index, population, window and network (default, wide) is a specification; they share their "
        f"models, so this is no test. n = {inputs.findings.height:,} specifications.",
        description=_verdicts_in_words(data, labels),
        chart=_verdict_bars(data, list(labels.values())),
        data=data.drop("label", "place"),
    )
    return {SPECIFICATIONS: figure}


def _verdict_bars(data: pl.DataFrame, order: list[str]) -> alt.TopLevelMixin:
    """A bar for each claim, divided by its verdicts."""
    import altair as alt

    bars = (
        alt.Chart(data)
        .mark_bar(height={"band": 0.6})
        .encode(
            y=alt.Y("label:N", sort=order).axis(
                title=None, labelExpr=SPLIT_LABEL, labelLineHeight=13, ticks=False, domain=False
            ),
            x=alt.X("share:Q").axis(format="%", title="share of specifications", tickCount=5).scale(domain=[0, 1]),
            color=alt.Color("verdict:N", sort=list(_VERDICT_COLOURS))
            .scale(domain=list(_VERDICT_COLOURS), range=list(_VERDICT_COLOURS.values()))
            .legend(columns=3),
            order=alt.Order("place:Q"),
        )
    )
    return sized(bars, len(order) * _ROW + 76)


def _verdicts_in_words(data: pl.DataFrame, labels: dict[str, str]) -> str:
    counted = {
        (measure, verdict): n for measure, verdict, n in data.select("measure", "verdict", "specifications").rows()
    }
    return " ".join(
        f"{label.split('|', maxsplit=1)[0]}: "
        + ", ".join(f"{verdict} {counted.get((measure, verdict), 0)}" for verdict in VERDICTS)
        + "."
        for measure, label in labels.items()
    )


def curve_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """One figure: the specification curve of each claim that has at least `FEWEST` estimates with intervals.

    A specification curve is a claim's estimates under every choice, sorted, with their intervals: the whole range of
    defensible choices, and not the one that was liked best.

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), "Specification curve analysis", Nature Human Behaviour 4.
    """
    known = inputs.findings.filter(pl.col("low").is_not_null(), pl.col("high").is_not_null())
    data = (
        known.filter(pl.len().over("measure") >= FEWEST)
        .sort("measure", "estimate", "population", "index", "phases", "window_days")
        .with_columns(
            place=(pl.int_range(1, pl.len() + 1).over("measure") - 0.5) / pl.len().over("measure"),
        )
        .select(
            *("finding", "measure", "place", "population", "index", "phases", "window_days"),
            *("bound", "above", "estimate", "low", "high", "n", "verdict"),
        )
    )
    if data.is_empty():
        return {}
    figure = Figure(
        title="The estimates of each finding under every choice, sorted",
        subtitle="Specification curves. Orange: estimates over all indices, populations, windows, networks that give "
        f"one; grey: 95 % intervals (odds cut at {_ENDS[0]:g} and {_ENDS[1]:g}); dashed: the claim's bound. "
        f"n = {data.height:,} specifications that share their models.",
        description=_curves_in_words(data),
        chart=_curves(data),
        data=data,
    )
    return {"findings_curves": figure}


def _curves_in_words(data: pl.DataFrame) -> str:
    words = []
    for claim in CLAIMS:
        rows = data.filter(measure=claim.measure)
        if rows.height:
            lowest, highest = rows.select(pl.col("estimate").min(), pl.col("estimate").max().alias("highest")).row(0)
            counted = ", ".join(f"{verdict} {rows.filter(verdict=verdict).height}" for verdict in VERDICTS)
            words.append(
                f"{SHORT_WORDS[claim.measure]}: {count(rows.height, 'estimate')} from {lowest:.3g} to {highest:.3g}, "
                f"bound {claim.bound:g}; {counted}."
            )
    return " ".join(words)


def _curves(data: pl.DataFrame) -> alt.TopLevelMixin:
    """A panel for each claim."""
    import altair as alt

    shown = [claim for claim in CLAIMS if claim.measure in set(data["measure"])]
    drawn = []
    for claim in shown:
        rows = data.filter(measure=claim.measure).select("place", "estimate", "low", "high")
        log = claim.measure.startswith("odds")
        rows = rows.with_columns(pl.col("estimate", "low", "high").clip(*_ENDS)) if log else rows
        x = alt.X("place:Q").axis(
            format="%",
            title="specifications, by estimate" if claim == shown[-1] else None,
            labels=claim == shown[-1],
            tickCount=5,
        )
        scale = alt.Scale(type="log" if log else "linear", zero=False, nice=True)
        y = alt.Y("low:Q").axis(title=None, tickCount=3, format="~g").scale(scale)
        base = alt.Chart(rows).encode(x=x.scale(domain=[0, 1]))
        bound = alt.Chart(pl.DataFrame({"bound": [float(claim.bound)]})).mark_rule(
            strokeDash=[4, 4], color="currentColor"
        )
        side = "above" if claim.above else "below"
        heading = f"{claim.finding}. {SHORT_WORDS[claim.measure]}: claimed {side} {claim.bound:g} (n = {rows.height:,})"
        layers: alt.LayerChart = (
            base.mark_area(color=ZERO, opacity=0.3, interpolate="step").encode(y=y, y2="high:Q")
            + base.mark_line(color=POSITIVE, strokeWidth=2, interpolate="step").encode(y=alt.Y("estimate:Q"))
            + bound.encode(y=alt.Y("bound:Q"))
        )
        drawn.append(panel(layers, heading, WIDTH - 60, _PANEL))
    return alt.vconcat(*drawn, spacing=10)

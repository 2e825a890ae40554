"""The specification curve of each finding: its estimates under every choice, sorted, with their intervals.

After Simonsohn, Simmons & Nelson (2020), "Specification curve analysis", Nature Human Behaviour 4: what is shown is the
whole range of defensible choices, and not the one that was liked best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.figure import POSITIVE, WIDTH, ZERO, Figure
from mdi_pipeline.report.finding_words import SHORT_WORDS
from mdi_pipeline.report.words import count
from mdi_pipeline.tables.findings import CLAIMS, VERDICTS

if TYPE_CHECKING:
    import altair as alt

    from mdi_pipeline.report.inputs import ReportInputs

FEWEST = 5
"""With fewer estimates there is no curve."""

_PANEL = 62
_ENDS = (0.01, 100)
"""Where odds ratios are cut."""


def curve_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """One figure: a panel for each claim that has at least `FEWEST` estimates with intervals."""
    known = inputs.findings.filter(pl.col("low").is_not_null(), pl.col("high").is_not_null())
    data = (
        known.filter(pl.len().over("measure") >= FEWEST)
        .sort("measure", "estimate", "population", "index", "phases", "window_days")
        .with_columns(
            place=(pl.int_range(1, pl.len() + 1).over("measure") - 0.5) / pl.len().over("measure"),
            of=pl.len().over("measure"),
        )
        .select(
            *("finding", "measure", "place", "of", "population", "index", "phases", "window_days"),
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
        description=_in_words(data),
        chart=_panels(data),
        data=data.drop("of"),
    )
    return {"findings_curves": figure}


def _in_words(data: pl.DataFrame) -> str:
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


def _panels(data: pl.DataFrame) -> alt.TopLevelMixin:
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
        panel: alt.LayerChart = (
            base.mark_area(color=ZERO, opacity=0.3, interpolate="step").encode(y=y, y2="high:Q")
            + base.mark_line(color=POSITIVE, strokeWidth=2, interpolate="step").encode(y=alt.Y("estimate:Q"))
            + bound.encode(y=alt.Y("bound:Q"))
        )
        drawn.append(
            panel.properties(
                width=WIDTH - 60,
                height=_PANEL,
                title=alt.TitleParams(heading, frame="group", fontSize=12, fontWeight="normal", offset=4),
            )
        )
    return alt.vconcat(*drawn, spacing=10)

"""How often each finding holds, whatever index, population and window are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.figure import NEGATIVE, POSITIVE, WIDTH, ZERO, Figure
from mdi_pipeline.report.finding_words import SHORT_WORDS
from mdi_pipeline.tables.findings import CLAIMS, VERDICTS

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

_COLOURS = {"holds": NEGATIVE, "undecided": ZERO, "does not hold": POSITIVE}
_ROW = 30


def specification_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """One figure: for each claim, in how many specifications it holds, does not, or is undecided."""
    import altair as alt

    if inputs.findings.is_empty():
        return {}
    counted = inputs.findings.group_by("finding", "measure", "verdict").agg(specifications=pl.len())
    totals = dict(inputs.findings.group_by("measure").len().iter_rows())
    labels = {
        claim.measure: f"{claim.finding}. {SHORT_WORDS[claim.measure]}|n = {totals[claim.measure]:,}"
        for claim in CLAIMS
        if claim.measure in totals
    }
    verdicts = pl.Enum(list(_COLOURS))
    data = (
        counted.with_columns(
            label=pl.col("measure").replace_strict(labels, return_dtype=pl.String),
            share=pl.col("specifications") / pl.col("specifications").sum().over("measure"),
            place=pl.col("verdict").cast(verdicts).to_physical(),
        )
        .sort("finding", "measure", "place")
        .with_columns(pl.col("verdict").cast(pl.String))
    )
    chart = (
        alt.Chart(data)
        .mark_bar(height={"band": 0.6})
        .encode(
            y=alt.Y("label:N", sort=list(labels.values())).axis(
                title=None, labelExpr="split(datum.label, '|')", labelLineHeight=13, ticks=False, domain=False
            ),
            x=alt.X("share:Q").axis(format="%", title="share of specifications", tickCount=5).scale(domain=[0, 1]),
            color=alt.Color("verdict:N", sort=list(_COLOURS))
            .scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
            .legend(columns=3),
            order=alt.Order("place:Q"),
        )
        .properties(
            width=WIDTH,
            height=len(labels) * _ROW + 76,
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        )
    )
    n = inputs.findings.height
    figure = Figure(
        title="How often each finding holds, whatever is chosen",
        subtitle="Every index, population, window and network (default, wide) is a specification; they share their "
        f"models, so this is no test. n = {n:,} specifications.",
        description=_in_words(data, labels),
        chart=chart,
        data=data.drop("label", "place"),
    )
    return {"findings_specifications": figure}


def _in_words(data: pl.DataFrame, labels: dict[str, str]) -> str:
    counted = {
        (measure, verdict): n for measure, verdict, n in data.select("measure", "verdict", "specifications").rows()
    }
    return " ".join(
        f"{label.split('|', maxsplit=1)[0]}: "
        + ", ".join(f"{verdict} {counted.get((measure, verdict), 0)}" for verdict in VERDICTS)
        + "."
        for measure, label in labels.items()
    )

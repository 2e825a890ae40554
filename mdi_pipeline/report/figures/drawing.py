"""What the charts are drawn with: colours, sizes, labels, and the chart of points with intervals that most are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from mdi_pipeline.report.prose.wording import SERIES_WORDS

if TYPE_CHECKING:
    import altair as alt

NEGATIVE, ZERO, POSITIVE = "#3a7fc1", "#858a92", "#d06f12"
"""Blue, grey and orange: told apart by colour-blind readers, on white and on black paper."""

SERIES_COLOURS = {SERIES_WORDS["built_upon"]: POSITIVE, SERIES_WORDS["scored"]: ZERO}
"""The headline populations, by what a legend calls them."""

WIDTH = 372
"""Width of a figure in pixels: what a phone shows without shrinking the text."""

SPLIT_LABEL = "split(datum.label, '|')"
"""The Vega expression that parts the lines of a label."""

SHARES_NOTE = "Point: share of models; line: 95 % interval (none for a single author)."
"""What a reader must know of points on a `share_axis`."""

_ROW = 38


class Axis(NamedTuple):
    """What the points are measured on, how it is written, and a value that they are compared with."""

    title: str
    format: str
    domain: tuple[float, float]
    log: bool = False
    bound: float | None = None


CORRELATION = Axis("Spearman's rank correlation", ".1f", (-1, 1), bound=0)
"""Rank correlations, whole; the line is at none."""


def share_axis(data: pl.DataFrame) -> Axis:
    """Shares of models, from 0 to the first tenth above all that is drawn."""
    drawn: float = data.select(pl.max_horizontal("estimate", "high").max()).item()
    return Axis("share of models", "%", (0, min(1, math.ceil(10 * drawn + 1e-9) / 10)))


def dots(data: pl.DataFrame, order: list[str], colours: dict[str, str], axis: Axis) -> alt.TopLevelMixin:
    """A point and its interval for each `label` and `series`; columns `estimate`, `low`, `high`.

    A label's lines are parted by `|`.
    """
    import altair as alt

    series = list(colours)
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=order).axis(
            title=None,
            labelExpr=SPLIT_LABEL,
            labelLineHeight=14,
            ticks=False,
            domain=False,
            labelPadding=9,
            labelOffset=-7,
        ),
        yOffset=alt.YOffset("series:N", sort=series).scale(paddingOuter=0.9),
        color=alt.Color("series:N", sort=series)
        .scale(domain=series, range=list(colours.values()))
        .legend(symbolType="circle", columns=3, symbolOpacity=1),
    )
    scale: dict[str, Any] = {"domain": list(axis.domain), "nice": False} | ({"type": "log"} if axis.log else {})
    # A label as near as this many pixels to an end of the axis is moved inwards, so that the picture's edge cuts none.
    x = alt.X("low:Q").axis(format=axis.format, title=axis.title, tickCount=5, labelFlush=16).scale(**scale)
    drawn: alt.LayerChart = base.mark_rule(strokeWidth=2.5).encode(x=x, x2="high:Q") + base.mark_point(
        filled=True, size=70, opacity=1
    ).encode(x=alt.X("estimate:Q"))
    if axis.bound is not None:
        line = alt.Chart(pl.DataFrame({"bound": [axis.bound]})).mark_rule(strokeDash=[4, 4], color="currentColor")
        drawn += line.encode(x=alt.X("bound:Q"))
    return sized(drawn, len(order) * _ROW + 76)


def size_label(name: str, *sizes: int) -> str:
    """The label of a row: its name, and on a second line how many models each series has there."""
    return f"{name}|n = {'; '.join(f'{n:,}' for n in sizes)}"


def sign_colour() -> alt.Color:
    """The colour by a column `sign`, which is -1, 0 or 1."""
    import altair as alt

    return alt.Color("sign:N").legend(None).scale(domain=[-1, 0, 1], range=[NEGATIVE, ZERO, POSITIVE])


def sized(chart: alt.Chart | alt.LayerChart, height: int) -> alt.TopLevelMixin:
    """The chart as a whole figure: as wide as every figure, that many pixels high."""
    import altair as alt

    return chart.properties(width=WIDTH, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding"))


def panel(chart: alt.Chart | alt.LayerChart, heading: str, width: int, height: int) -> alt.Chart | alt.LayerChart:
    """The chart as one of several in a figure, under its own heading."""
    import altair as alt

    title = alt.TitleParams(heading, frame="group", fontSize=12, fontWeight="normal", offset=4)
    return chart.properties(width=width, height=height, title=title)

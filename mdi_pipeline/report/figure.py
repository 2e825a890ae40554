"""What a figure is, how it looks and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

NEGATIVE, ZERO, POSITIVE = "#3a7fc1", "#858a92", "#d06f12"
"""Blue, grey and orange: told apart by colour-blind readers, on white and on black paper."""

WIDTH = 372
"""Width of a figure in pixels: what a phone shows without shrinking the text."""

FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"


@dataclass(frozen=True)
class Figure:
    """A chart, the data behind it, and what it shows in words.

    `description` says what the picture says, for readers who cannot see it.
    """

    title: str
    subtitle: str
    description: str
    chart: alt.TopLevelMixin
    data: pl.DataFrame


def render_svg(figure: Figure, *, titled: bool = True) -> str:
    """The figure as SVG; text and axes take the colour of the text around it (black in a file).

    Untitled for the page, which sets the title as text.
    """
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_specification(figure, titled=titled, paper=None))
    return drawn


def render_svg_on_white(figure: Figure) -> str:
    """The figure as SVG with its title, in its own colours whatever it is shown on."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_specification(figure, titled=True, paper="white"))
    return drawn.replace("currentColor", "#1b1d21")


def render_png(figure: Figure, *, scale: float = 2) -> bytes:
    """The figure as PNG on white, with its title; at scale 2, 192 pixels an inch."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(render_svg_on_white(figure), scale=scale)
    return drawn


def _specification(figure: Figure, *, titled: bool, paper: str | None) -> dict[str, Any]:
    specification: dict[str, Any] = figure.chart.to_dict()
    specification["config"] = _THEME
    specification["background"] = paper
    specification["padding"] = _MARGIN if titled else 2
    if titled:
        title, subtitle = _lines(figure.title, 48), _lines(figure.subtitle, 62)
        specification["title"] = {"text": title, "subtitle": subtitle}
        # A chart of fixed size fits its title into that size: without room for it, it would take the chart's.
        for side, room in (("width", 2 * _MARGIN), ("height", 17 * len(title) + 14 * len(subtitle) + 2 * _MARGIN + 10)):
            if side in specification:
                specification[side] += room
    return specification


def _lines(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)


_MARGIN = 12

_INK: dict[str, Any] = {"labelColor": "currentColor", "titleColor": "currentColor"}

_THEME: dict[str, Any] = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        **_INK,
        "domainColor": "currentColor",
        "domainOpacity": 0.5,
        "tickColor": "currentColor",
        "tickOpacity": 0.5,
        "gridColor": "currentColor",
        "gridOpacity": 0.12,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelLimit": 170,
    },
    "legend": {**_INK, "labelFontSize": 12, "titleFontSize": 12, "orient": "top", "symbolSize": 80, "title": None},
    "title": {
        "color": "currentColor",
        "subtitleColor": "currentColor",
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 14,
        "subtitleFontSize": 12,
        "offset": 10,
    },
    "text": {"color": "currentColor", "fontSize": 12},
}

"""What a figure is, how it looks, and how it is rendered: as SVG, as PNG, as files with its data."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from mdi_pipeline.compute.visible_text import visible, visible_json, without_formulas

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import altair as alt
    import polars as pl

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

    @cached_property
    def svg(self) -> str:
        """The chart as SVG, without its title; text and axes take the colour of the text around it. About 0.1 s."""
        # Whether it is valid Vega-Lite depends on the code and not on the data: the tests validate it.
        chart = self.chart.to_dict(validate=False) | {"config": _THEME, "background": None, "padding": _PADDING}
        return chart_svg(visible_json(chart))


def chart_svg(specification: str) -> str:
    """The SVG of a Vega-Lite chart."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(specification)
    return drawn


def render_svg(figure: Figure) -> str:
    """The figure as SVG with its title, to stand alone: on white and in its own colours, whatever it is shown on."""
    return _under_its_title(figure).replace("currentColor", "#1b1d21")


def render_png(figure: Figure, *, scale: float = 2) -> bytes:
    """The figure as PNG on white, with its title; at scale 2, 192 pixels an inch."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(render_svg(figure), scale=scale)
    return drawn


def write_figures(drawn: Mapping[str, Figure], folder: Path, *, png: bool = False) -> None:
    """Write each figure into a new folder: `<name>.svg`, the data behind it as `<name>.csv`, if wanted `<name>.png`.

    SVG costs about 0.1 s a figure, once for files and page, PNG 0.12 s more. Raises `FileExistsError` where the folder
    is there already.
    """
    folder.mkdir(parents=True)
    for name, figure in drawn.items():
        (folder / f"{name}.svg").write_text(render_svg(figure), encoding="utf-8")
        without_formulas(figure.data).write_csv(folder / f"{name}.csv")
        if png:
            (folder / f"{name}.png").write_bytes(render_png(figure))


def _under_its_title(figure: Figure) -> str:
    """The chart below its title and subtitle: it is drawn once, for the page and for the file."""
    width, height = (int(float(side)) for side in _SIZE.search(figure.svg).groups())  # type: ignore[union-attr]
    lines = [(line, _TITLE_SIZE, "bold") for line in textwrap.wrap(figure.title, 48)]
    lines += [(line, _SUBTITLE_SIZE, "normal") for line in textwrap.wrap(figure.subtitle, 62)]
    texts, top = [], float(_MARGIN)
    for line, size, weight in lines:
        top += _LINE_HEIGHT * size
        style = f'font-size="{size}px" font-weight="{weight}"'
        texts.append(f'<text x="{_MARGIN}" y="{top - size / 4:g}" {style}>{escape(visible(line))}</text>')
    top += _MARGIN - _PADDING
    sides = f'width="{width + 2 * _MARGIN}" height="{top + height + _MARGIN:g}"'
    chart = figure.svg.replace("<svg ", f'<svg x="{_MARGIN}" y="{top:g}" ', 1)
    title = f'<g font-family="{FONT}" fill="currentColor">{"".join(texts)}</g>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" {sides}>{_PAPER}{title}{chart}</svg>'


_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')

_PAPER = '<rect width="100%" height="100%" fill="white"/>'

_MARGIN, _PADDING = 12, 2
"""Pixels around the figure, and around the chart in it."""

_TITLE_SIZE, _SUBTITLE_SIZE, _LINE_HEIGHT = 14, 12, 1.25

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
    "text": {"color": "currentColor", "fontSize": 12},
}

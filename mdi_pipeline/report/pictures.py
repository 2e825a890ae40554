"""One figure of a table, as Markdown that carries the picture in itself: what a catalog shows beside its numbers."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from mdi_pipeline.report.choice_figures import choice_figures
from mdi_pipeline.report.distribution import distribution_figures
from mdi_pipeline.report.figure import render_svg_on_white
from mdi_pipeline.report.headline import headline, notices
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.intervals import sign_figures
from mdi_pipeline.report.network_figures import network_figures
from mdi_pipeline.report.regression_figures import regression_figures
from mdi_pipeline.report.specification_figure import specification_figures
from mdi_pipeline.report.trend_figures import trend_figures
from mdi_pipeline.tables.catalogue import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    import polars as pl

    from mdi_pipeline.report.figure import Figure


@dataclass(frozen=True)
class Picture:
    """The figure that stands for a table: its name, what draws it, and the tables that it is drawn from."""

    name: str
    draw: Callable[[ReportInputs], Mapping[str, Figure]]
    reads: tuple[str, ...]


FINDINGS = "findings_specifications"

PICTURES = {
    "network_summary": Picture("children_tail", network_figures, ("models", "network_structure", "network_summary")),
    "disruption_scores": Picture(
        "distribution_mdi", partial(distribution_figures, indices=("mdi",)), ("disruption_scores", "models")
    ),
    "score_summary": Picture("signs_built_upon", sign_figures, ("score_summary",)),
    "score_trends": Picture("trend_built_upon", trend_figures, ("score_trends",)),
    "score_regression": Picture("regression_scored", regression_figures, ("score_regression",)),
    "null_model": Picture("chance", choice_figures, ("null_model",)),
    "findings": Picture(FINDINGS, specification_figures, ("findings",)),
}
"""The tables that a figure can stand for."""


def picture_of(table: str, crawl_date: date, window_days: int, tables: Mapping[str, pl.LazyFrame]) -> str | None:
    """The figure that stands for a table, as Markdown; None where the crawl has nothing to show there.

    `tables` holds at least those that the picture reads. Costs 0.1 to 0.2 s.
    """
    picture = PICTURES[table]
    others = {name: TABLES[name].empty().lazy() for name in ReportInputs.tables() if name not in picture.reads}
    read = {name: tables[name] for name in picture.reads}
    figure = picture.draw(ReportInputs.scanned(crawl_date, window_days, others | read)).get(picture.name)
    return as_markdown(figure) if figure else None


def first_screen(inputs: ReportInputs, drawn: Mapping[str, Figure]) -> str:
    """What a report begins with, as Markdown: its notices, its headline, and how often each finding holds."""
    said = [*notices(inputs), *headline(inputs)]
    shown = [as_markdown(drawn[FINDINGS])] if FINDINGS in drawn else []
    return "\n\n".join([*said, *shown])


def as_markdown(figure: Figure) -> str:
    """A figure as a Markdown image that needs no other file; what it says in words is its alternative text."""
    picture = b64encode(render_svg_on_white(figure).encode()).decode()
    words = figure.description.replace("[", "(").replace("]", ")")
    return f"![{words}](data:image/svg+xml;base64,{picture})"

"""The list of every figure, and which of them stands for a table in a catalog."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from mdi_pipeline.report.figures.attention import children_figures, counter_figures
from mdi_pipeline.report.figures.factors import factor_figures, regression_figures, trend_figures
from mdi_pipeline.report.figures.figure import as_markdown
from mdi_pipeline.report.figures.findings import SPECIFICATIONS, curve_figures, specification_figures
from mdi_pipeline.report.figures.network import network_figures
from mdi_pipeline.report.figures.robustness import robustness_figures
from mdi_pipeline.report.figures.scores import distribution_figures, sign_figures
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.tables.catalogue import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    import polars as pl

    from mdi_pipeline.report.figures.figure import Figure


def all_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """The figures by name, in the order of the page; those without data are left out.

    Names: `findings_specifications`, `findings_curves`, `distribution_<index>`, `signs_<population>`,
    `factor_<factor>`, `regression_<population>`, `trend_<population>`, `index_by_children`, `counters_agreement`,
    `counters_noticed`, `windows_<measure>`, `robustness_<measure>`, `chance`, `children_tail`, `children_lorenz`,
    `families`, `generations`.
    """
    return {
        **specification_figures(inputs),
        **curve_figures(inputs),
        **distribution_figures(inputs),
        **sign_figures(inputs),
        **factor_figures(inputs),
        **regression_figures(inputs),
        **trend_figures(inputs),
        **children_figures(inputs),
        **counter_figures(inputs),
        **robustness_figures(inputs),
        **network_figures(inputs),
    }


@dataclass(frozen=True)
class Picture:
    """The figure that stands for a table: its name, what draws it, and the tables that it is drawn from."""

    name: str
    draw: Callable[[ReportInputs], Mapping[str, Figure]]
    reads: tuple[str, ...]


PICTURES = {
    "network_summary": Picture("children_tail", network_figures, ("models", "network_structure", "network_summary")),
    "disruption_scores": Picture(
        "distribution_mdi", partial(distribution_figures, indices=("mdi",)), ("disruption_scores", "models")
    ),
    "score_summary": Picture("signs_built_upon", sign_figures, ("score_summary",)),
    "score_trends": Picture("trend_built_upon", trend_figures, ("score_trends",)),
    "score_regression": Picture("regression_scored", regression_figures, ("score_regression",)),
    "null_model": Picture("chance", robustness_figures, ("null_model",)),
    "findings": Picture(SPECIFICATIONS, specification_figures, ("findings",)),
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

"""The list of every figure, and which of them stands for a table in a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdi_pipeline.report.figures.attention import children_figures, counter_figures
from mdi_pipeline.report.figures.factors import factor_figures, regression_figures, trend_figures
from mdi_pipeline.report.figures.findings import SPECIFICATIONS, curve_figures, specification_figures
from mdi_pipeline.report.figures.network import network_figures
from mdi_pipeline.report.figures.robustness import robustness_figures
from mdi_pipeline.report.figures.scores import distribution_figures, sign_figures
from mdi_pipeline.report.inputs import ReportInputs

if TYPE_CHECKING:
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


PICTURES = {
    "network_summary": "children_tail",
    "disruption_scores": "distribution_mdi",
    "score_summary": "signs_built_upon",
    "score_trends": "trend_built_upon",
    "score_regression": "regression_scored",
    "null_model": "chance",
    "findings": SPECIFICATIONS,
}
"""The figure that stands for a table in a catalog, by name; a crawl may have nothing to show there."""

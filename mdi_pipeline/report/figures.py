"""Every figure of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdi_pipeline.report.attention_figure import attention_figures
from mdi_pipeline.report.choice_figures import choice_figures
from mdi_pipeline.report.counter_figures import counter_figures
from mdi_pipeline.report.distribution import distribution_figures
from mdi_pipeline.report.intervals import factor_figures, sign_figures
from mdi_pipeline.report.network_figures import network_figures
from mdi_pipeline.report.regression_figures import regression_figures
from mdi_pipeline.report.specification_figure import specification_figures
from mdi_pipeline.report.trend_figures import trend_figures

if TYPE_CHECKING:
    from mdi_pipeline.report.figure import Figure
    from mdi_pipeline.report.inputs import ReportInputs


def figures(inputs: ReportInputs) -> dict[str, Figure]:
    """The figures by name, in the order of the page; those without data are left out.

    Names: `findings_specifications`, `distribution_<index>`, `signs_<population>`, `factor_<factor>`,
    `regression_<population>`, `trend_<population>`, `index_by_children`, `counters_agreement`, `counters_noticed`,
    `windows_<measure>`, `robustness_<measure>`, `chance`, `children_tail`, `children_lorenz`, `families`,
    `generations`.
    """
    return {
        **specification_figures(inputs),
        **distribution_figures(inputs),
        **sign_figures(inputs),
        **factor_figures(inputs),
        **regression_figures(inputs),
        **trend_figures(inputs),
        **attention_figures(inputs),
        **counter_figures(inputs),
        **choice_figures(inputs),
        **network_figures(inputs),
    }

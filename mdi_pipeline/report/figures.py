"""Every figure of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdi_pipeline.report.distribution import distribution_figures
from mdi_pipeline.report.intervals import factor_figures, sign_figures
from mdi_pipeline.report.network_figures import network_figures
from mdi_pipeline.report.specification_figure import specification_figures

if TYPE_CHECKING:
    from mdi_pipeline.report.figure import Figure
    from mdi_pipeline.report.inputs import ReportInputs


def figures(inputs: ReportInputs) -> dict[str, Figure]:
    """The figures by name, in the order of the page; those without data are left out.

    Names: `findings_specifications`, `distribution_<index>`, `signs_<population>`, `factor_<factor>`, `children_tail`,
    `children_lorenz`, `families`, `generations`.
    """
    return {
        **specification_figures(inputs),
        **distribution_figures(inputs),
        **sign_figures(inputs),
        **factor_figures(inputs),
        **network_figures(inputs),
    }

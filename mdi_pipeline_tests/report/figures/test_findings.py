from __future__ import annotations

from mdi_pipeline.report.figures.catalogue import all_figures
from mdi_pipeline.report.inputs import ReportInputs


def test_the_specification_figure_counts_every_specification_once(inputs: ReportInputs) -> None:
    data = all_figures(inputs)["findings_specifications"].data
    assert data["specifications"].sum() == inputs.findings.height

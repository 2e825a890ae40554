"""The page that a crawl date ends in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from mdi_pipeline.lake.reports import REPORT, Page
from mdi_pipeline.orchestration.step import Step

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.inputs import Inputs
    from mdi_pipeline.orchestration.partition import Partition
    from mdi_pipeline.orchestration.step import Made


def _report(inputs: Inputs) -> Made:
    from mdi_pipeline.report.figures.catalogue import all_figures
    from mdi_pipeline.report.figures.figure import write_figures
    from mdi_pipeline.report.inputs import ReportInputs
    from mdi_pipeline.report.page.page import build_report

    tables = {table: inputs.scan(table) for table in inputs.columns}
    read = ReportInputs.scanned(inputs.crawl_date, inputs.settings.window_days, tables, inputs.libraries)
    drawn = all_figures(read)
    return {REPORT: Page(html=build_report(read, drawn), write_figures=partial(write_figures, drawn))}


def _libraries(partition: Partition) -> Mapping[str, object]:
    """The page names the libraries that computed its tables, which the digests of those do not tell."""
    return {"libraries": REPORT_STEP.inputs(partition).libraries}


REPORT_STEP = Step(
    name="report",
    group="statistics",
    reads=(
        "crawl_manifest",
        "models",
        "lineage_edges",
        "lineage_candidates",
        "lineage_rejected",
        "lineage_quality",
        "network_structure",
        "network_summary",
        "disruption_scores",
        "score_summary",
        "score_factors",
        "score_trends",
        "trend_tests",
        "window_sensitivity",
        "score_regression",
        "robustness",
        "survivorship",
        "attention",
        "attention_gaps",
        "null_model",
        "findings",
    ),
    writes=(REPORT,),
    compute=_report,
    settings=("window_days",),
    depends_on=_libraries,
)

STEPS = (REPORT_STEP,)

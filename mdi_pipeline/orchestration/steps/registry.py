"""Every step, in the order in which data flows."""

from mdi_pipeline.orchestration.steps import crawl, disruption, history, lineage, network, report, statistics

STEPS = (
    *crawl.STEPS,
    *lineage.STEPS,
    *network.STEPS,
    *disruption.STEPS,
    *statistics.STEPS,
    *history.STEPS,
    *report.STEPS,
)

DAILY_STEPS = tuple(step for step in STEPS if not step.across_dates)
"""The steps that a crawl date is made by."""

"""`mdi report`: make the page of a crawl date again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mdi_pipeline.cli.console import console
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import load_settings, with_changes
from mdi_pipeline.home.window import headline_window
from mdi_pipeline.lake.reports import REPORT, Page
from mdi_pipeline.orchestration.partition import Partition


def make_report(home_path: Path | None, crawl_date: date) -> None:
    """Write the report from the lake and say where it is."""
    from mdi_pipeline.orchestration.reuse import computed, land
    from mdi_pipeline.orchestration.steps.report import REPORT_STEP

    home = Home.at(home_path)
    settings = with_changes(load_settings(home), window_days=headline_window(home, crawl_date))
    partition = Partition(home, settings, crawl_date)
    page = computed(REPORT_STEP, partition)[REPORT]
    assert isinstance(page, Page)
    land(REPORT_STEP, partition, {REPORT: page.with_png()})
    console.print(f"{REPORT}   {home.reports.page(crawl_date)}", soft_wrap=True)
    console.print(f"figures  {home.reports.figures(crawl_date)}  (SVG, PNG and the data as CSV)", soft_wrap=True)

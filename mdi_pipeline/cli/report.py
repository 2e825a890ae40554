"""`mdi report`: make the page of a crawl date again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mdi_pipeline.cli.console import console
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import load_settings, with_changes
from mdi_pipeline.home.window import headline_window
from mdi_pipeline.orchestration.partition import Partition


def make_report(home_path: Path | None, crawl_date: date) -> None:
    """Write the report from the lake and say where it is."""
    from mdi_pipeline.orchestration.steps.report import write_report

    home = Home.at(home_path)
    settings = with_changes(load_settings(home), window_days=headline_window(home, crawl_date))
    partition = Partition(home, settings, crawl_date)
    write_report(partition, png=True)
    console.print(f"report   {partition.report}", soft_wrap=True)
    console.print(f"figures  {partition.figures}  (SVG, PNG and the data as CSV)", soft_wrap=True)

"""`mdi report`: make the page of a crawl date again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mdi_pipeline.cli.console import console
from mdi_pipeline.partition import Partition
from mdi_pipeline.settings import Home


def make_report(home_path: Path | None, crawl_date: date) -> None:
    """Write the report from the lake and say where it is."""
    from mdi_pipeline.assets.report import write_report

    home = Home.at(home_path)
    partition = Partition(home, home.load(), crawl_date)
    write_report(partition, png=True)
    console.print(f"report   {partition.report}", soft_wrap=True)
    console.print(f"figures  {partition.figures}  (SVG, PNG and the data as CSV)", soft_wrap=True)

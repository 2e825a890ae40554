"""`mdi prune`: old crawl dates thinned out."""

from __future__ import annotations

from pathlib import Path

from mdi_pipeline.cli.console import console
from mdi_pipeline.home.folder import Home
from mdi_pipeline.lake.thinning import Keeping, bytes_of, dates_to_drop, drop

SHOWN = 10
"""Dates that are named on one line; of more, how many."""


def prune_dates(home_path: Path | None, keeping: Keeping, *, apply: bool) -> None:
    """Say which dates would go and what that frees; with `apply`, let them go."""
    home = Home.at(home_path)
    dates = home.lake.dates("model_snapshots")
    going = dates_to_drop(dates, keeping)
    freed = sum(bytes_of(home.lake, home.reports, crawl_date) for crawl_date in going)
    if not going:
        console.print(f"nothing to drop: {len(dates)} crawl dates, all are kept")
        return
    named = ", ".join(str(crawl_date) for crawl_date in going[:SHOWN])
    more = f" and {len(going) - SHOWN} more" if len(going) > SHOWN else ""
    if apply:
        with home.lock("prune"):
            for crawl_date in going:
                drop(home.lake, home.reports, crawl_date)
        _forget_partitions(home, [str(crawl_date) for crawl_date in going])
    said = "dropped" if apply else "would drop"
    console.print(f"{said} {len(going)} of {len(dates)} crawl dates ({freed / 1e6:,.1f} MB): {named}{more}")
    console.print("what compares a kept date with a dropped one (score_changes, survivorship, model_history) is made")
    console.print("again by the next run of that date: mdi doctor names it")
    if not apply:
        console.print("nothing was changed; to do it, add --apply")


def _forget_partitions(home: Home, keys: list[str]) -> None:
    """Take the dates out of Dagster's partitions, or they would stand there as missing."""
    from mdi_pipeline.orchestration.crawl_dates import remove_dates
    from mdi_pipeline.orchestration.instance import open_instance

    with open_instance(home) as instance:
        remove_dates(instance, keys)

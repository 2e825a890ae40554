"""The scored models of a crawl date, which five steps go out from: looked up once for all of them in a run."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from mdi_pipeline.assets.step import stamp_of
from mdi_pipeline.lake import Lake, Stamp
from mdi_pipeline.partition import Partition


def scored(partition: Partition) -> pl.DataFrame:
    """The `scored_models` of the window in force, with all that statistics compare models by.

    They stay in memory for the next step of the run: 250 MB where 3 M models have 800,000.
    """
    made_from = tuple(stamp_of(partition, table) for table in ("disruption_scores", "models"))
    return _looked_up(partition.lake.root, partition.crawl_date, partition.settings.window_days, made_from)


@lru_cache(maxsize=1)
def _looked_up(root: Path, crawl_date: date, window_days: int, made_from: tuple[Stamp, ...]) -> pl.DataFrame:  # noqa: ARG001
    """What does not change as long as the tables are `made_from` the same."""
    from mdi_pipeline.statistics.populations import scored_models

    lake = Lake(root)
    return scored_models(lake.scan("disruption_scores", crawl_date), lake.scan("models", crawl_date), window_days)

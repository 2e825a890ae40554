"""The scored models of a crawl date, which five steps go out from: looked up once for all of them in a run."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.lake.store import Lake
from mdi_pipeline.statistics.populations import COMPARED, scored_models

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.inputs import Inputs

_READ = ("disruption_scores", "models")


def scored(inputs: Inputs) -> pl.DataFrame:
    """The `scored_models` of the window in force, with what the step declares that it compares models by.

    They stay in memory for the next step of the run: 250 MB where 3 M models have 800,000. Raises `LakeError` where a
    table is missing or damaged.
    """
    files = tuple(_written(inputs.lake.file(table, inputs.crawl_date)) for table in _READ)
    found = _looked_up(inputs.lake.root, inputs.crawl_date, inputs.settings.window_days, files)
    return found.drop(name for name in COMPARED if name not in inputs.columns["models"])


@lru_cache(maxsize=1)
def _looked_up(root: Path, crawl_date: date, window_days: int, _files: tuple[object, ...]) -> pl.DataFrame:
    """What is the same as long as the tables' files are."""
    scores, models = (Lake(root).scan(table, crawl_date) for table in _READ)
    return scored_models(scores, models, window_days)


def _written(file: Path) -> object:
    """What tells a file from the one that takes its place; None where there is none."""
    if not file.exists():
        return None
    status = file.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size

"""Scored models are looked up once for the steps of a run, and anew for what is not the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings
from mdi_pipeline.lake.store import LakeError, Stamp
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.steps.scored import scored
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline_tests.made_up import made_up_crawl

DAY = date(2026, 8, 22)
CRAWL = made_up_crawl(200, seed=2)


def written(folder: Path, scores: pl.DataFrame) -> Partition:
    home = Home(folder)
    for table, frame in (("models", CRAWL["models"]), ("disruption_scores", scores)):
        home.lake.write(table, DAY, frame, Stamp("print", "version"))
    return Partition(home, Settings(window_days=90), DAY)


def test_the_second_step_gets_what_the_first_looked_up(tmp_path: Path) -> None:
    partition = written(tmp_path, CRAWL["disruption_scores"])
    found = scored(partition)
    assert found.height > 0
    assert found.equals(scored_models(CRAWL["disruption_scores"], CRAWL["models"], 90))
    assert scored(replace(partition)) is found


def test_other_tables_another_window_and_another_home_are_looked_up_anew(tmp_path: Path) -> None:
    whole = scored(written(tmp_path / "a", CRAWL["disruption_scores"]))
    fewer = CRAWL["disruption_scores"].with_columns(status=pl.lit("root"))
    assert scored(written(tmp_path / "b", fewer)).is_empty()
    partition = written(tmp_path / "a", CRAWL["disruption_scores"])
    assert scored(partition).equals(whole)
    assert scored(partition) is not whole
    assert scored(replace(partition, settings=Settings(window_days=60))).is_empty()
    assert scored(written(tmp_path / "a", fewer)).is_empty()


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="disruption_scores has no partition"):
        scored(Partition(Home(tmp_path), Settings(), DAY))

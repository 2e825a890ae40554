"""Scored models are looked up once for the steps of a run, and once more for what is not the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings
from mdi_pipeline.lake.store import Lake, LakeError
from mdi_pipeline.orchestration.inputs import Inputs
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.steps.registry import STEPS
from mdi_pipeline.orchestration.steps.scored import scored
from mdi_pipeline.statistics.populations import COMPARED, scored_models
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.made_up import made_up_crawl

DAY = date(2026, 8, 22)
CRAWL = made_up_crawl(200, seed=2)


def written(folder: Path, scores: pl.DataFrame, window_days: int = 90) -> Inputs:
    home = Home(folder)
    for table, frame in (("models", CRAWL["models"]), ("disruption_scores", scores)):
        home.lake.write(TABLES[table], DAY, frame, {"by": "print"}, {})
    return inputs_of(home, window_days)


def inputs_of(home: Home, window_days: int = 90) -> Inputs:
    """What the step of the factors, which compares models by nearly all that is known of them, is given."""
    step = next(step for step in STEPS if step.name == "score_factors")
    return step.inputs(Partition(home, Settings(window_days=window_days), DAY))


def test_the_second_step_gets_what_the_first_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = written(tmp_path, CRAWL["disruption_scores"])
    found = scored(inputs)
    assert found.height > 0
    hidden = [name for name in COMPARED if name not in inputs.columns["models"]]
    assert hidden
    assert found.equals(scored_models(CRAWL["disruption_scores"], CRAWL["models"], 90).drop(hidden))
    read: list[str] = []
    monkeypatch.setattr(Lake, "scan", lambda _, table, __: read.append(table))
    assert scored(replace(inputs)).equals(found)
    assert read == []


def test_other_tables_another_window_and_another_home_are_looked_up_once_more(tmp_path: Path) -> None:
    whole = scored(written(tmp_path / "a", CRAWL["disruption_scores"]))
    fewer = CRAWL["disruption_scores"].with_columns(status=pl.lit("root"))
    assert scored(written(tmp_path / "b", fewer)).is_empty()
    assert scored(written(tmp_path / "a", CRAWL["disruption_scores"])).equals(whole)
    assert scored(inputs_of(Home(tmp_path / "a"), window_days=60)).is_empty()
    assert scored(written(tmp_path / "a", fewer)).is_empty()


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="disruption_scores has no partition"):
        scored(inputs_of(Home(tmp_path)))

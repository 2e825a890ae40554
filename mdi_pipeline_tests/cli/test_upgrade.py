"""A home that an earlier version left is brought up to date by one run, and keeps its crawls."""

import json
import tarfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.pipeline import contents, mdi

HOMES = Path(__file__).resolve().parents[1] / "fixtures"
DAY = date(2026, 8, 31)
READ_OTHERWISE = {"lineage_candidates", "lineage_rejected", "lineage_quality", "findings"}
"""Tables in which configurations that name a folder (`models/local`) name a local path, and no candidate any more."""


ADDED = {
    "model_snapshots": {"repository_id"},
    "crawl_manifest": {"unread_fields"},
    "model_history": {"repository"},
}
"""Columns that version 0.1.0 did not have."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """What version 0.1.0 left of `mdi run --size 2000`, without Dagster's history and the SQL views."""
    with tarfile.open(HOMES / "home-0.1.0.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / "home-0.1.0"


@pytest.mark.slow
def test_a_home_of_version_0_1_0_is_brought_up_to_date_by_one_run_without_a_new_crawl(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {
        table: [pl.read_parquet(Home(home).lake.file(table, day)) for day in Home(home).lake.held(table)]
        for table in TABLES
    }
    found = mdi(home, "doctor")
    assert "of 2026-08-31" in found.output
    assert "made by version 0.1.0" in found.output
    assert "mdi run --crawl-date 2026-08-31" in found.output

    def refuse(*_: object) -> None:
        raise AssertionError("a crawl that is there was taken again")

    monkeypatch.setattr(DemoSource, "crawl", refuse)
    run = mdi(home, "run")
    assert run.exit_code == 0, run.output
    assert "28 made" in run.output
    monkeypatch.undo()

    for table, frames in before.items():
        after = [pl.read_parquet(Home(home).lake.file(table, day)) for day in Home(home).lake.held(table)]
        are_equal = [frame.select(old.columns).equals(old) for frame, old in zip(after, frames, strict=True)]
        assert are_equal == [table not in READ_OTHERWISE], table
        news = [frame.drop(old.columns) for frame, old in zip(after, frames, strict=True)]
        for new in news:
            assert set(new.columns) == ADDED.get(table, set()), table
            assert all(new[name].is_null().all() for name in new.columns if name != "repository")
        assert table != "model_history" or news[0]["repository"].unique().to_list() == [1]
        stamp = Home(home).lake.stamp(table, Home(home).lake.held(table)[0])
        assert stamp
        assert stamp.schema_version == TABLES[table].schema_version
        assert set(stamp.columns) == {column.name for column in TABLES[table].columns}
    well = mdi(home, "doctor")
    assert well.exit_code == 0, well.output
    assert "nothing wrong" in well.output
    assert "stale" not in well.output

    there = contents(home)
    assert "up to date" in mdi(home, "run").output
    assert contents(home) == there


def test_what_a_partition_was_made_from_stands_in_its_file(demo_home: Path) -> None:
    file = Home(demo_home).lake.file("score_trends", DAY)
    metadata = pl.read_parquet_metadata(file)
    assert json.loads(metadata["made_from"])["settings"] == {"window_days": 90}
    assert json.loads(metadata["libraries"])["polars"] == ".".join(pl.__version__.split(".")[:2])

"""What was found of a table is told again while its file is the very same, and not a moment longer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.lake.store import Lake
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline_tests.pipeline import TODAY_THERE, mdi

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture
def home(crawls: Path, tmp_path: Path) -> Path:
    made = tmp_path / "home"
    assert mdi(made, "run", "--source", "files", "--path", str(crawls)).exit_code == 0
    return made


@pytest.fixture
def tables_read(monkeypatch: pytest.MonkeyPatch, home: Path) -> list[str]:
    """The tables that are read from now on, by name."""
    read: list[str] = []
    reading: Callable[[Lake, str, date | None, Sequence[str] | None], pl.DataFrame] = Lake.read

    def reading_watched(
        lake: Lake, table: str, crawl_date: date | None, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        read.append(table)
        return reading(lake, table, crawl_date, columns)

    monkeypatch.setattr(Lake, "read", reading_watched)
    return read


def test_tables_that_nobody_changed_are_not_read(home: Path, tables_read: list[str]) -> None:
    result = mdi(home, "run")
    assert result.exit_code == 0
    assert "up to date" in result.output
    assert set(tables_read) == {"crawl_manifest", "findings"}  # whose family the home is; what the end prints


def n_runs(home: Path) -> int:
    """How many runs Dagster has on record."""
    with open_instance(Home(home)) as instance:
        return instance.get_runs_count()


def test_a_run_that_could_only_say_so_again_is_not_launched(home: Path) -> None:
    before = n_runs(home)
    assert "up to date" in mdi(home, "run").output
    assert n_runs(home) == before
    Home(home).lake.file("attention", TODAY_THERE).unlink()
    assert "2 made, 26 up to date" in mdi(home, "run").output
    assert n_runs(home) == before + 1  # and none for what spans all crawls


def test_what_dagster_has_no_record_of_is_told_to_it(home: Path) -> None:
    shutil.rmtree(Home(home).instance)
    result = mdi(home, "run")
    assert result.exit_code == 0
    assert "up to date" in result.output
    assert n_runs(home) == 2  # the crawl date's, and that of what spans all
    assert "up to date" in mdi(home, "run").output
    assert n_runs(home) == 2


def test_force_judges_again_what_cannot_be_had_again(home: Path, crawls: Path, tables_read: list[str]) -> None:
    """A crawl that its source no longer has is not made anew, whatever is asked for; it is read and judged."""
    (crawls / f"{TODAY_THERE}.jsonl").rename(crawls / "2026-08-01.jsonl")
    assert mdi(home, "run", "--crawl-date", str(TODAY_THERE), "--force").exit_code == 0
    assert {"model_snapshots", "crawl_manifest"} <= set(tables_read)


def test_a_file_that_somebody_changed_is_judged_again(home: Path, tables_read: list[str]) -> None:
    """Its stamp is as it was, so that nothing is made anew; that it is wrong is found all the same."""
    file = Home(home).lake.file("models", TODAY_THERE)
    stamp = {name: value for name, value in pl.read_parquet_metadata(file).items() if name != "ARROW:schema"}
    models = pl.read_parquet(file)
    pl.concat([models, models.head(2)]).write_parquet(file, metadata=stamp)
    for _ in range(2):  # what failed is on record too
        result = mdi(home, "run")
        assert result.exit_code == 1
        assert "models_valid: models: primary_key in 4 rows" in result.output
    assert "models" in tables_read
    assert mdi(home, "run", "--force").exit_code == 0

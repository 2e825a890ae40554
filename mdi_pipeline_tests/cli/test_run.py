"""`mdi run` as a user has it: what is made, what is left alone, what happens when something is wrong."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.steps.history import LOOKING_BACK
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.pipeline import TODAY_THERE, contents, mdi, n_partitions, read, write_crawl
from mdi_pipeline_tests.shared import SHARED, needs_shared

DEMO = ("run", "--source", "demo", "--size", "2000")
LAST = date(2026, 8, 31)


def test_every_table_is_filled_for_every_date(demo_home: Path) -> None:
    lake = Home(demo_home).lake
    for table in TABLES:
        wanted = [None] if TABLES[table].across_dates else [date(2026, 8, 30), LAST]
        assert lake.held(table) == wanted, table
        if table not in {"lineage_candidates", "lineage_rejected", "lineage_successors", "score_changes"}:
            assert lake.n_rows(table, wanted[-1]) > 0, table
    page = Home(demo_home).reports.page(LAST).read_text().strip().lower()
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>")


@pytest.mark.usefixtures("undrawn")
def test_the_end_says_what_came_out(crawls: Path, tmp_path: Path) -> None:
    output = mdi(tmp_path / "home", "run", "--source", "files", "--path", str(crawls)).stdout
    for said in ("2026-08-22", "300", "lab/base", "most are negative", "report.html", "mdi.duckdb"):
        assert said in output


def test_the_manifest_names_the_crawl_before(demo_home: Path) -> None:
    manifests = [read(demo_home, "crawl_manifest", day).row(0, named=True) for day in (date(2026, 8, 30), LAST)]
    assert [manifest["previous_crawl_date"] for manifest in manifests] == [None, date(2026, 8, 30)]


def test_sql_answers_over_all_of_it(demo_home: Path) -> None:
    with duckdb.connect(str(Home(demo_home).database), read_only=True) as connection:
        for table in set(TABLES) - {"model_history"}:
            days = connection.execute(f"SELECT count(DISTINCT crawl_date) FROM {table}").fetchone()
            assert days is not None
            assert days[0] <= 2
        joined = connection.execute(
            "SELECT count(*) FROM disruption_scores JOIN models USING (crawl_date, model_id) WHERE window_days = 90"
        ).fetchone()
    assert joined == (sum(Home(demo_home).lake.n_rows("models", day) for day in (date(2026, 8, 30), LAST)),)


def test_what_is_up_to_date_is_left_alone_and_said_to_be(demo_home: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in demo_home.rglob("*.parquet")}
    result = mdi(demo_home, "run")
    assert result.exit_code == 0
    assert "up to date" in result.stdout
    assert {file: file.stat().st_mtime_ns for file in demo_home.rglob("*.parquet")} == before


@pytest.mark.slow
def test_same_seed_same_bytes(demo_home: Path, tmp_path: Path) -> None:
    assert mdi(tmp_path, *DEMO, "--from", "2026-08-30", "--to", "2026-08-31").exit_code == 0
    assert contents(tmp_path) == contents(demo_home)


@pytest.mark.usefixtures("undrawn")
def test_an_earlier_date_filled_in_later_is_named_but_costs_no_work_below(tmp_path: Path) -> None:
    crawls, home = tmp_path / "crawls", tmp_path / "home"
    write_crawl(crawls, date(2026, 8, 20), 300)
    write_crawl(crawls, TODAY_THERE, 310)
    mdi(home, "run", "--source", "files", "--path", str(crawls))
    before = contents(home)
    mdi(home, "run", "--crawl-date", "2026-08-20")
    result = mdi(home, "run")
    # Both tables of the crawl, models, score_changes, survivorship and the report: no counter grew, so that attention,
    # which reads their growth, has nothing new to read.
    assert "6 made" in result.stdout
    assert read(home, "crawl_manifest", TODAY_THERE)["previous_crawl_date"].item() == date(2026, 8, 20)
    after = contents(home)
    looking_back = {table for step in LOOKING_BACK for table in step.writes}
    hang_on_it = ("model_snapshots", "model_history", "report.html", *(f"lake/{table}/" for table in looking_back))
    assert read(home, "survivorship", TODAY_THERE)["n_crawls"].unique().to_list() == [1]
    derived = [file for file in before if not any(table in file for table in hang_on_it)]
    assert {file: after[file] for file in derived} == {file: before[file] for file in derived}


@pytest.mark.usefixtures("undrawn")
def test_a_crawl_that_shrank_stops_what_follows_and_says_so(tmp_path: Path) -> None:
    crawls, home = tmp_path / "crawls", tmp_path / "home"
    write_crawl(crawls, date(2026, 8, 21), 400)
    write_crawl(crawls, TODAY_THERE, 300)
    result = mdi(home, "run", "--source", "files", "--path", str(crawls), "--from", "2026-08-21", "--to", "2026-08-22")
    assert result.exit_code == 1
    assert "size_against_last_crawl: 300 models, 75.0% of the 400 of 2026-08-21; at least 95% wanted" in result.output
    assert Home(home).lake.dates("disruption_scores") == [date(2026, 8, 21)]


@pytest.mark.usefixtures("undrawn")
def test_a_broken_file_fails_its_date_and_no_other(tmp_path: Path) -> None:
    crawls, home = tmp_path / "crawls", tmp_path / "home"
    write_crawl(crawls, date(2026, 8, 20), 300)
    (crawls / "2026-08-21.jsonl").write_text("broken\n" * 10)
    write_crawl(crawls, TODAY_THERE, 300)
    result = mdi(home, "run", "--source", "files", "--path", str(crawls), "--from", "2026-08-20", "--to", "2026-08-22")
    assert result.exit_code == 1
    assert "10 of 10 records (100.0%) cannot be read" in result.output
    assert "Traceback" not in result.output
    assert Home(home).lake.dates("score_summary") == [date(2026, 8, 20), TODAY_THERE]


@pytest.mark.usefixtures("undrawn")
def test_a_damaged_partition_is_made_again(crawls: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    mdi(home, "run", "--source", "files", "--path", str(crawls))
    before = contents(home)
    damaged = Home(home).lake.file("models", TODAY_THERE)
    damaged.write_bytes(damaged.read_bytes()[:200])
    assert mdi(home, "run").exit_code == 0
    assert contents(home) == before


def test_two_sources_in_one_home_are_refused(demo_home: Path, tmp_path: Path) -> None:
    write_crawl(tmp_path, TODAY_THERE, 10)
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "mdi_pipeline",
            "run",
            "--source",
            "files",
            "--path",
            str(tmp_path),
            "--home",
            str(demo_home),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert "home of their own" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_the_next_run_ends_it(demo_home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mdi_pipeline", *DEMO, "--crawl-date", "2026-08-30", "--home", str(tmp_path)]
    landed, moments = 0, random.Random(7)
    for _ in range(6):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            _wait_for_a_partition_more(tmp_path, landed, run)
            time.sleep(moments.uniform(0, 0.4))
            os.kill(run.pid, signal.SIGKILL)
        assert n_partitions(tmp_path) >= landed
        landed = n_partitions(tmp_path)
        for file in (tmp_path / "lake").glob("*/crawl_date=*/*.parquet"):
            pl.read_parquet(file)
    named = mdi(tmp_path, "doctor")
    assert named.exit_code == 1
    assert "was killed" in named.stdout
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    undisturbed, resumed = (
        {file: digest for file, digest in contents(home).items() if "2026-08-30" in file}
        for home in (demo_home, tmp_path)
    )
    assert resumed == undisturbed
    assert mdi(tmp_path, "doctor", "--mend").exit_code == 0


def _wait_for_a_partition_more(home: Path, landed: int, run: subprocess.Popen[bytes]) -> None:
    """Wait until the run has landed something new, or ended."""
    while n_partitions(home) <= landed and run.poll() is None:
        time.sleep(0.01)


@needs_shared
@pytest.mark.slow
def test_real_crawls_end_to_end(tmp_path: Path) -> None:
    result = mdi(tmp_path, "run", "--source", "files", "--path", str(SHARED / "data" / "radar"))
    assert result.exit_code == 0, result.output
    assert read(tmp_path, "model_snapshots", TODAY_THERE).height == 15_156
    scored = read(tmp_path, "disruption_scores", TODAY_THERE).filter(window_days=90, status="scored")
    assert scored.height > 100
    assert (scored["mdi"] < 0).mean() > 0.5

"""What goes wrong on a machine: a message that says it, nothing lost, and the next run ends what was begun."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.pipeline import TODAY_THERE, contents, mdi, read, write_crawl

pytestmark = pytest.mark.slow

HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def command(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "mdi_pipeline", *arguments, "--home", str(home)]


@contextmanager
def held_open(database: Path) -> Iterator[None]:
    """Another process has the DuckDB file open."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.kill()


def test_a_folder_that_cannot_be_written_a_held_database_and_two_runs_at_once(crawls: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Home(home).lake
    in_the_way = lake.root / "models"
    lake.root.mkdir(parents=True)
    in_the_way.write_text("not a folder")
    source = ("--source", "files", "--path", str(crawls))

    refused = mdi(home, "run", *source)
    assert refused.exit_code == 1
    assert "models/crawl_date=2026-08-22/part-0.parquet could not be written" in refused.output
    assert "Traceback" not in refused.output
    assert lake.dates("lineage_edges") == [TODAY_THERE]
    assert "is a file where a folder belongs" in mdi(home, "doctor").stdout
    before = contents(home)
    in_the_way.unlink()

    with held_open(Home(home).database):
        at_once = [subprocess.Popen(command(home, "run"), stderr=subprocess.PIPE) for _ in range(2)]
        for run in at_once:
            _, complaint = run.communicate()
            assert run.returncode == 0, complaint
        held = mdi(home, "doctor", "--mend")
        assert held.exit_code != 0
        assert "held open by another process" in str(held.exception or held.output)
    after = contents(home)
    assert {file: after[file] for file in before} == before
    assert all(lake.held(table) for table in TABLES)
    assert not lake.abandoned()

    assert "lacks the views of" in mdi(home, "doctor").stdout
    assert mdi(home, "doctor", "--mend").exit_code == 0
    with duckdb.connect(str(Home(home).database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM models").fetchone() == (
            read(home, "models", TODAY_THERE).height,
        )


def test_a_full_disk_and_one_that_turned_read_only_are_said_and_lose_nothing(tmp_path: Path) -> None:
    home, crawls = tmp_path / "home", tmp_path / "crawls"
    lake = home / "lake"
    lake.mkdir(parents=True)
    write_crawl(crawls, TODAY_THERE, 3_000)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(lake)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        source = ("--source", "files", "--path", str(crawls))
        full = subprocess.run(command(home, "run", *source), capture_output=True, text=True, check=False)
        assert full.returncode == 1
        assert "is full (No space left on device)" in full.stderr
        assert "Nothing that had landed is lost" in full.stderr
        assert_whole(Home(home))

        subprocess.run(["mount", "-o", "remount,ro,size=64m", str(lake)], check=True)
        read_only = mdi(home, "run")
        assert read_only.exit_code == 1
        assert f"{lake} could not be written" in read_only.output
        assert "Read-only file system" in read_only.output
        assert "cannot be written" in mdi(home, "doctor").stdout

        subprocess.run(["mount", "-o", "remount,rw,size=64m", str(lake)], check=True)
        mended = mdi(home, "run")
        assert mended.exit_code == 0, mended.output
        assert_whole(Home(home))
    finally:
        subprocess.run(["umount", str(lake)], check=True)


def assert_whole(home: Home) -> None:
    """Every partition that landed can be read and is as the registry says, and nothing lies about."""
    for table in TABLES:
        for crawl_date in home.lake.held(table):
            TABLES[table].conform(home.lake.read(table, crawl_date))
    assert not home.lake.abandoned()

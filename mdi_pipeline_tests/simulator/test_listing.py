"""The listing of a day: one history for each size and seed, whatever day is asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import given

from mdi_pipeline.simulator.calibration import FLOOR, LAST_DATE
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline_tests.simulator.strategies import dates, few, seeds, sizes


@few
@given(sizes, seeds)
def test_the_size_is_that_of_the_last_date(size: int, seed: int) -> None:
    assert simulated_listing(size, seed, LAST_DATE).height == size


@few
@given(sizes, seeds, dates)
def test_ids_differ_even_when_case_is_ignored(size: int, seed: int, day: date) -> None:
    listing = simulated_listing(size, seed, day)
    assert listing["id"].str.to_lowercase().is_unique().all()
    assert listing["_id"].is_unique().all()
    assert listing["sha"].is_unique().all()


@few
@given(sizes, seeds, dates, dates)
def test_a_model_present_on_two_dates_keeps_what_cannot_change(size: int, seed: int, one: date, other: date) -> None:
    first, second = sorted((one, other))
    both = simulated_listing(size, seed, first).join(simulated_listing(size, seed, second), on="id", suffix="_later")
    for constant in ("_id", "author", "createdAt", "pipeline_tag", "safetensors", "config"):
        assert both[constant].equals(both[f"{constant}_later"].alias(constant), null_equal=True), constant
    for growing in ("lastModified", "downloadsAllTime", "likes"):
        assert (both[growing] <= both[f"{growing}_later"]).all(), growing
    unchanged = both.filter(pl.col("lastModified") == pl.col("lastModified_later"))
    for edited in ("sha", "cardData", "baseModels", "tags"):
        assert unchanged[edited].equals(unchanged[f"{edited}_later"].alias(edited), null_equal=True), edited


@few
@given(sizes, seeds, dates)
def test_no_model_comes_back_or_comes_from_the_future(size: int, seed: int, day: date) -> None:
    listing = simulated_listing(size, seed, day)
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert (listing["createdAt"] <= listing["lastModified"]).all()
    assert (listing["lastModified"] <= moment).all()
    assert (listing["createdAt"] >= FLOOR).all()
    later = simulated_listing(size, seed, min(day + timedelta(days=30), LAST_DATE))
    born_before = later.filter(pl.col("createdAt") <= moment)
    assert born_before.join(listing, on="id", how="anti").is_empty()


@few
@given(sizes, seeds)
def test_object_ids_carry_the_creation_time(size: int, seed: int) -> None:
    listing = simulated_listing(size, seed, LAST_DATE)
    written = listing["_id"].str.slice(0, 8).str.to_integer(base=16)
    assert (written == listing["createdAt"].dt.epoch("s")).all()
    assert listing["_id"].str.contains("^[0-9a-f]{24}$").all()


def test_consecutive_days_grow_change_and_lose_models() -> None:
    days = [LAST_DATE - timedelta(days=back) for back in range(14, -1, -1)]
    listings = [simulated_listing(20_000, 0, day) for day in days]
    first, last = listings[0], listings[-1]
    assert last.height > first.height
    assert first.join(last, on="id", how="anti").height > 0
    both = first.join(last, on="id", suffix="_later")
    for changing in ("downloads", "downloadsAllTime", "likes", "lastModified", "sha"):
        assert (both[changing] != both[f"{changing}_later"]).any(), changing
    corrected = both.filter(pl.col("baseModels").is_not_null() & (pl.col("cardData") != pl.col("cardData_later")))
    added = both.filter(pl.col("baseModels").is_null() & pl.col("baseModels_later").is_not_null())
    assert corrected.height + added.height > 0


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    program = (
        "import sys; from datetime import date\n"
        "from mdi_pipeline.simulator.listing import simulated_listing\n"
        "from mdi_pipeline.simulator.truth import true_lineage\n"
        "simulated_listing(3_000, 7, date(2026, 3, 1)).write_parquet(sys.argv[1])\n"
        "true_lineage(3_000, 7).write_parquet(sys.argv[2])"
    )
    for threads in ("1", "2"):
        files = [str(tmp_path / f"{name}-{threads}.parquet") for name in ("listing", "truth")]
        environment = {"POLARS_MAX_THREADS": threads, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        subprocess.run([sys.executable, "-c", program, *files], check=True, env=environment)
    for name in ("listing", "truth"):
        one, two = ((tmp_path / f"{name}-{threads}.parquet").read_bytes() for threads in ("1", "2"))
        assert one == two, name


def test_another_seed_gives_another_hub() -> None:
    one, other = (simulated_listing(2_000, seed, LAST_DATE)["id"] for seed in (0, 1))
    assert len(set(one) & set(other)) < 100

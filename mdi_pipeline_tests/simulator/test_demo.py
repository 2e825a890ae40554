"""The simulated Hub: one history for each size and seed, whatever is asked of it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.compute.digest import sha256_of
from mdi_pipeline.hub.crawl import take_crawl
from mdi_pipeline.hub.source import DateRefused, SourceError
from mdi_pipeline.simulator.calibration import CANONICAL, FIRST_DATE, FLOOR, LAST_DATE
from mdi_pipeline.simulator.declarations import LOCAL_PATHS
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline.simulator.simulation import simulate
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline.simulator.truth import true_lineage

dates = st.dates(FIRST_DATE, LAST_DATE)
sizes = st.integers(2_000, 5_000)
seeds = st.integers(0, 3)
few = settings(max_examples=15, deadline=None)


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
        "import sys; from datetime import date; from mdi_pipeline.simulator import simulated_listing, true_lineage\n"
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


def test_the_truth_covers_every_model_once_or_once_a_parent() -> None:
    truth = true_lineage(20_000, 0)
    listing = simulated_listing(20_000, 0, LAST_DATE)
    assert listing.join(truth, left_on="id", right_on="child_id", how="anti").is_empty()
    assert truth.select("child_id", "parent_id").is_unique().all()
    assert (truth["parent_id"].is_null() == truth["relation"].is_null()).all()
    assert (truth["child_id"] != truth["parent_id"]).all()
    n_parents = truth.filter(pl.col("parent_id").is_not_null()).group_by("child_id", "relation").len()
    assert n_parents.filter(pl.col("relation") == "merge")["len"].max() in {4, 5, 6}
    assert n_parents.filter(pl.col("relation").is_in(["finetune", "quantized"]))["len"].max() == 1


def test_what_the_hub_declares_is_the_truth_unless_it_is_marked() -> None:
    listing = simulated_listing(20_000, 0, LAST_DATE)
    declared = listing.filter(pl.col("baseModels").is_not_null()).select(
        child_id="id",
        parent_id=pl.col("baseModels").struct.field("models").list.eval(pl.element().struct.field("id")),
    )
    wrong = declared.explode("parent_id").join(true_lineage(20_000, 0), on=["child_id", "parent_id"], how="anti")
    marked = true_lineage(20_000, 0).filter(pl.col("declaration").is_in(["self", "cycle"]))
    not_corrected_yet = wrong.join(marked, on="child_id", how="anti")
    assert wrong.height > 0
    assert not_corrected_yet.height / declared.height < 0.002


def test_the_truth_is_acyclic_and_several_generations_deep() -> None:
    edges = true_lineage(20_000, 0).filter(pl.col("parent_id").is_not_null()).select("child_id", "parent_id")
    generation, reached = 0, edges.select("child_id").unique()
    while not reached.is_empty():
        generation += 1
        assert generation < 60, "a cycle"
        reached = edges.join(reached, left_on="parent_id", right_on="child_id", how="semi").select("child_id").unique()
    assert generation >= 4


def test_every_kind_of_noise_is_there() -> None:
    listing = simulated_listing(50_000, 0, LAST_DATE)
    card_parent = listing["cardData"].str.json_path_match("$.base_model")
    ids = set(listing["id"])
    former = {name for name, _ in CANONICAL}
    lower = {name.lower() for name in ids}
    written = set(card_parent.drop_nulls())
    assert "" in written
    assert any(text.startswith(("./", "/", "C:")) for text in written)
    assert any(text.startswith("https://") for text in written)
    assert written & former
    assert any(text not in ids and text in lower for text in written)
    assert any("/" in text and text.lower() not in lower and text.count("/") == 1 for text in written)
    assert all(json.loads(text) is not None for text in listing["cardData"].drop_nulls())
    assert all(json.loads(text) is not None for text in listing["config"].drop_nulls())
    tags = listing.select("id", "tags").explode("tags")
    typed = tags.with_columns(
        parent=pl.col("tags").str.extract("^base_model:(?:finetune|adapter|merge|quantized):(.*)$")
    )
    plain = tags.with_columns(parent=pl.col("tags").str.strip_prefix("base_model:"))
    lone = typed.drop_nulls("parent").join(plain, on=["id", "parent"], how="anti")
    assert lone.height > 0
    assert set(lone["parent"]) <= set(LOCAL_PATHS)


def test_the_source_gives_canonical_records(tmp_path: Path) -> None:
    source = DemoSource(2_000, 1)
    tables = take_crawl(source, LAST_DATE, tmp_path, previous_crawl_date=None)
    listing = simulated_listing(2_000, 1, LAST_DATE)
    both = tables.models.join(listing, left_on="model_id", right_on="id")
    assert tables.models.height == both.height == 2_000
    assert both["created_at"].equals(both["createdAt"].alias("created_at"))
    assert tables.manifest["as_of"].item() == datetime(2026, 8, 31, tzinfo=UTC)
    assert tables.manifest["n_bad_records"].item() == 0


def test_fingerprints_differ_by_date_size_and_seed() -> None:
    sources = [DemoSource(2_000, 0), DemoSource(2_001, 0), DemoSource(2_000, 1)]
    prints = {source.fingerprint(day) for source in sources for day in (FIRST_DATE, LAST_DATE)}
    assert len(prints) == 6


@pytest.mark.parametrize("day", [FIRST_DATE - timedelta(days=1), LAST_DATE + timedelta(days=1), date(2019, 1, 1)])
def test_other_dates_are_refused_with_the_source_that_has_them(day: date, tmp_path: Path) -> None:
    source = DemoSource(2_000)
    assert day not in source.dates()
    for ask in (lambda: source.fingerprint(day), lambda: source.crawl(day, tmp_path)):
        with pytest.raises(DateRefused, match=r"2024-09-01 to 2026-08-31.*archive"):
            ask()


@pytest.mark.parametrize(("size", "seed"), [(1_999, 0), (3_000_001, 0), (2_000, -1)])
def test_impossible_settings_are_refused(size: int, seed: int) -> None:
    with pytest.raises(SourceError, match="simulated Hub"):
        DemoSource(size, seed)


def test_a_history_of_millions_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold gigabytes through all that follows the crawl."""
    setting = Setting(2_000, 0)
    assert simulate(setting) is simulate(setting)
    monkeypatch.setattr("mdi_pipeline.simulator.simulation.MAX_KEPT", 1_999)
    assert simulate(setting) is not simulate(setting)


def test_the_content_hash_is_that_of_the_listing_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "listing.arrow"
    simulated_listing(2_000, 0, LAST_DATE).write_ipc(file)
    (tmp_path / "work").mkdir()
    assert DemoSource(2_000, 0).crawl(LAST_DATE, tmp_path / "work").content_hash == sha256_of(file)

"""The source `demo`: canonical records of the listing, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mdi_pipeline.compute.digest import sha256_of
from mdi_pipeline.hub.crawl import take_crawl
from mdi_pipeline.hub.source import DateRefused, SourceError
from mdi_pipeline.simulator.calibration import FIRST_DATE, LAST_DATE
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.source import DemoSource


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


def test_the_content_hash_is_that_of_the_listing_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "listing.arrow"
    simulated_listing(2_000, 0, LAST_DATE).write_ipc(file)
    (tmp_path / "work").mkdir()
    assert DemoSource(2_000, 0).crawl(LAST_DATE, tmp_path / "work").content_hash == sha256_of(file)

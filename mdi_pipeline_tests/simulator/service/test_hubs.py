"""Hubs ready to be served: a simulation, and folders of crawls."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.simulator.calibration import FIRST_DATE, LAST_DATE
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.service.faults import Faults
from mdi_pipeline.simulator.service.hubs import demo_hub, folder_hub
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline_tests.shared import SHARED, needs_shared


def test_the_hub_of_a_simulation_lists_its_last_date_and_archives_all_its_days(tmp_path: Path) -> None:
    hub = demo_hub(2_000, 1, tmp_path, quota=Quota(), faults=Faults())
    assert hub.listing.ids() == set(simulated_listing(2_000, 1, LAST_DATE)["id"])
    assert (hub.archive.days[0], hub.archive.days[-1]) == (FIRST_DATE, LAST_DATE)
    few = demo_hub(2_000, 1, tmp_path, quota=Quota(), faults=Faults(), archived=[FIRST_DATE])
    assert few.archive.days == [FIRST_DATE]


def test_the_hub_of_a_folder_lists_its_newest_crawl_and_archives_all(tmp_path: Path) -> None:
    folder = tmp_path / "crawls"
    folder.mkdir()
    simulated_listing(2_000, 0, date(2026, 8, 1)).write_parquet(folder / "2026-08-01.parquet")
    record = {"id": "a/b", "createdAt": "2026-07-01T00:00:00.000Z", "tags": ["x"], "cardData": {"base_model": "o/b"}}
    (folder / "2026-08-02.jsonl").write_text("\n".join([json.dumps(record), "broken", "[1]"]))
    hub = folder_hub(folder, tmp_path / "spool", quota=Quota(), faults=Faults())
    assert hub.listing.ids() == {"a/b"}
    served = json.loads(hub.listing.models["line"].item())
    assert {name: served[name] for name in record} == record
    assert hub.archive.days == [date(2026, 8, 1), date(2026, 8, 2)]
    assert (
        pl.read_parquet(hub.archive.file(date(2026, 8, 1))).height
        == simulated_listing(2_000, 0, date(2026, 8, 1)).height
    )


def test_a_folder_without_a_crawl_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no crawl in it"):
        folder_hub(tmp_path, tmp_path, quota=Quota(), faults=Faults())


@needs_shared
def test_a_folder_of_real_crawls_can_be_served(tmp_path: Path) -> None:
    hub = folder_hub(SHARED / "data" / "radar", tmp_path, quota=Quota(), faults=Faults())
    assert hub.listing.models.height == 15_156
    assert [str(day) for day in hub.archive.days] == [f"2026-08-{day}" for day in range(19, 23)]
    record = json.loads(hub.listing.models["line"][0])
    assert isinstance(record["tags"], list)
    assert isinstance(record["cardData"], dict)

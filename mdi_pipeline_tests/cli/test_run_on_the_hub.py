"""`mdi run` on the live Hub and its archive, simulated."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from mdi_pipeline.hub.live.source import HubSource
from mdi_pipeline.simulator.service.server import SimulatedHub, served
from mdi_pipeline_tests.pipeline import mdi, read
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, TODAY, hub

TOKEN = "hf_thisIsNoTokenOfAnybody"
ARCHIVED = (date(2026, 8, 29), date(2026, 8, 30))


@pytest.fixture
def simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedHub]:
    served_hub = hub(days=ARCHIVED, spool=tmp_path / "archived")
    with served(served_hub) as endpoint:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint)
        yield served_hub


@pytest.mark.slow
def test_archive_and_hub_share_a_home_and_a_past_crawl_can_be_worked_on(
    tmp_path: Path, simulated: SimulatedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(HubSource, "dates", lambda _: [TODAY])
    home = tmp_path / "home"
    result = mdi(home, "run", "--source", "archive", "--crawl-date", str(ARCHIVED[1]))
    assert result.exit_code == 0, result.output
    result = mdi(home, "run", "--source", "hub")
    assert result.exit_code == 0, result.output
    assert read(home, "model_snapshots", TODAY).height == SIZE
    manifest = read(home, "crawl_manifest", TODAY).row(0, named=True)
    assert (manifest["source"], manifest["previous_crawl_date"]) == ("hub", ARCHIVED[1])
    assert not list((home / "spool").rglob("*.parquet"))
    asked = simulated.n_pages

    monkeypatch.setattr(HubSource, "dates", lambda _: [TODAY + timedelta(days=1)])
    result = mdi(home, "run", "--crawl-date", str(TODAY), "--window-days", "60")
    assert result.exit_code == 0, result.output
    assert simulated.n_pages == asked
    assert read(home, "crawl_manifest", TODAY).row(0, named=True) == manifest
    assert simulated.authorizations == {f"Bearer {TOKEN}"}
    holding_it = [file for file in home.rglob("*") if file.is_file() and TOKEN.encode() in file.read_bytes()]
    assert not holding_it


@pytest.mark.slow
def test_what_cannot_be_given_is_refused_in_one_line(tmp_path: Path, simulated: SimulatedHub) -> None:
    for source, day, reason in (("hub", "2026-08-30", "archive"), ("archive", "2020-01-01", "begins on")):
        result = mdi(tmp_path / "home", "run", "--source", source, "--crawl-date", day)
        assert result.exit_code != 0
        assert reason in str(result.exception)
    assert not (tmp_path / "home" / "lake").exists()

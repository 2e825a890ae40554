"""Assets as Dagster launches them: one of several alone, and a crawl date that the source does not have."""

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, save_settings
from mdi_pipeline.orchestration.asset import SKIPPED
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.jobs import JOB
from mdi_pipeline.orchestration.resources import Unwatched
from mdi_pipeline.orchestration.run import fill
from mdi_pipeline_tests.pipeline import TODAY_THERE


@pytest.fixture
def home(crawls: Path, tmp_path: Path) -> Home:
    """A home over a folder of one crawl; nothing has been crawled yet."""
    home = Home(tmp_path / "home")
    save_settings(home, Settings(source="files", path=str(crawls)))
    return home


def launched(home: Home, partition_key: str, *assets: str) -> tuple[bool, list[dg.DagsterEvent]]:
    """Whether a run of these assets (none: of all) went through, and its events."""
    with open_instance(home) as instance:
        instance.add_dynamic_partitions("crawl_dates", [partition_key])
        ran = (
            build_defs(home.path)
            .resolve_job_def(JOB)
            .execute_in_process(
                instance=instance,
                partition_key=partition_key,
                asset_selection=[dg.AssetKey(asset) for asset in assets] or None,
                raise_on_error=False,
            )
        )
    return ran.success, ran.all_events


def materialised(events: list[dg.DagsterEvent]) -> set[str]:
    return {event.asset_key.to_user_string() for event in events if event.is_step_materialization and event.asset_key}


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_d4_one_asset_of_a_step_can_be_launched_alone(home: Home) -> None:
    """The step computes; what was selected is reported, with its own checks."""
    assert not fill(home, TODAY_THERE, Unwatched(), force=False).errors
    home.lake.file("trend_tests", TODAY_THERE).unlink()
    went_through, events = launched(home, str(TODAY_THERE), "trend_tests")
    assert went_through
    assert materialised(events) == {"trend_tests"}
    judged = [
        event.asset_check_evaluation_data for event in events if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    assert {check.asset_key.to_user_string() for check in judged} == {"trend_tests"}
    assert home.lake.dates("trend_tests") == [TODAY_THERE]
    went_through, events = launched(home, str(TODAY_THERE), "score_trends", "trend_tests", "findings")
    assert went_through
    assert materialised(events) == {"score_trends", "trend_tests", "findings"}


@pytest.mark.parametrize(
    ("partition_key", "reason"),
    [
        ("2026-08-23", "2026-08-23"),
        ("2099-01-01", "2099-01-01"),
        ("soon", "'soon' is no crawl date: it must be written YYYY-MM-DD"),
        ("20260822", "'20260822' is no crawl date"),
        ("2026-02-30", "'2026-02-30' is no crawl date"),
    ],
)
def test_d6_a_date_that_the_source_has_not_is_skipped_with_the_reason(
    home: Home, partition_key: str, reason: str
) -> None:
    went_through, events = launched(home, partition_key)
    assert went_through
    assert materialised(events) == set()
    observed = [
        event.asset_observation_data.asset_observation
        for event in events
        if event.event_type_value == "ASSET_OBSERVATION"
    ]
    assert {seen.asset_key.to_user_string() for seen in observed} == {"model_snapshots", "crawl_manifest"}
    assert all(reason in str(seen.metadata[SKIPPED].value) for seen in observed)
    assert not any(event.is_step_failure for event in events)
    assert home.lake.dates("model_snapshots") == []


def test_d6_a_run_of_a_date_that_is_skipped_says_why(home: Home) -> None:
    run = fill(home, date(2026, 8, 23), Unwatched(), force=False)
    assert run.made == ()
    assert len(run.errors) == 1
    assert "2026-08-23" in run.errors[0]

"""What runs by the clock."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, change_settings, load_settings, save_settings
from mdi_pipeline.hub.archive import ArchiveSource
from mdi_pipeline.lake.thinning import drop
from mdi_pipeline.orchestration.automation.schedules import ASKED_FOR, MOST_TRIES
from mdi_pipeline.orchestration.crawl_dates import known_dates
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.jobs import JOB
from mdi_pipeline.orchestration.resources import PipelineResource, Unwatched
from mdi_pipeline.orchestration.run import fill
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.orchestration.automation.conftest import DAYS

NIGHT = datetime(2026, 8, 16, 4, 30, tzinfo=UTC)
"""After the last of `DAYS`."""


def test_every_date_that_the_source_has_and_the_lake_lacks_is_asked_for_newest_first(home: Home) -> None:
    night = datetime(2026, 8, 10, 4, 30, tzinfo=UTC)
    assert [request.partition_key for request in ticked(home, "missing_dates", night)] == ["2026-08-08", "2026-08-01"]


def test_d3_a_home_without_a_first_date_asks_for_all_that_its_source_has(home: Home) -> None:
    change_settings(home, lambda _: {"first_date": None})
    assert [request.partition_key for request in ticked(home, "missing_dates", NIGHT)] == [*map(str, DAYS[::-1])]


def test_a_date_that_was_pruned_is_neither_asked_for_nor_shown(home: Home) -> None:
    home.lake.write(TABLES["model_snapshots"], DAYS[1], TABLES["model_snapshots"].empty(), {"by": "a"}, {})
    drop(home.lake, home.reports, DAYS[1])
    assert [request.partition_key for request in ticked(home, "missing_dates", NIGHT)] == ["2026-08-15", "2026-08-01"]
    sensor = build_defs(home.path).resolve_sensor_def("new_dates")
    pipeline = PipelineResource(home=str(home.path))
    with (
        open_instance(home) as instance,
        dg.build_sensor_context(instance, resources={"pipeline": pipeline}) as context,
    ):
        sensor(context)
        assert known_dates(instance) == {str(DAYS[0]), str(DAYS[2])}


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_d3_a_date_whose_crawl_landed_and_whose_rest_failed_is_asked_for_again(home: Home) -> None:
    made(home, *DAYS)
    assert ticked(home, "missing_dates", NIGHT) == []
    home.lake.file("findings", DAYS[0]).unlink()
    home.reports.page(DAYS[1]).unlink()
    assert [request.partition_key for request in ticked(home, "missing_dates", NIGHT)] == ["2026-08-08", "2026-08-01"]
    made(home, *DAYS[:2])
    assert ticked(home, "missing_dates", NIGHT) == []
    home.lake.write(TABLES["models"], DAYS[2], home.lake.read("models", DAYS[2]).head(9), {"by": "another"}, {})
    assert [request.partition_key for request in ticked(home, "missing_dates", NIGHT)] == ["2026-08-15"]


def made(home: Home, *days: date) -> None:
    """Everything of these dates, in this process."""
    for day in days:
        run = fill(home, day, Unwatched(), force=False)
        assert not run.errors


def test_d3_a_date_that_fails_is_asked_for_so_often_and_then_named(home: Home) -> None:
    def failed(day: date, times: int) -> None:
        with open_instance(home) as instance:
            for _ in range(times):
                instance.add_run(failed_run(day))

    failed(DAYS[1], MOST_TRIES - 1)
    assert [request.partition_key for request in ticked(home, "missing_dates", NIGHT)] == [*map(str, DAYS[::-1])]
    failed(DAYS[1], 1)
    assert [request.partition_key for request in ticked(home, "missing_dates", NIGHT)] == ["2026-08-15", "2026-08-01"]
    failed(DAYS[0], MOST_TRIES)
    failed(DAYS[2], MOST_TRIES)
    (answer,) = said_by(home, "missing_dates", NIGHT)
    assert isinstance(answer, dg.SkipReason)
    assert "2026-08-01, 2026-08-08, 2026-08-15: not asked for any more after 5 runs" in str(answer.skip_message)


def failed_run(day: date) -> dg.DagsterRun:
    """A run of a date that the schedule launched and that failed."""
    tags = {"dagster/partition": str(day), ASKED_FOR: "missing_dates"}
    return dg.DagsterRun(job_name=JOB, tags=tags, status=dg.DagsterRunStatus.FAILURE)


def test_a_home_of_the_live_hub_asks_the_archive_for_days_gone_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night itself is left to the Hub, which can still give it."""
    home = Home(tmp_path / "home")
    save_settings(home, Settings(source="hub", first_date=DAYS[0]))
    monkeypatch.setattr(ArchiveSource, "dates", lambda _: DAYS)
    asked = ticked(home, "missing_dates", datetime(2026, 8, 15, 4, 30, tzinfo=UTC))
    assert [request.partition_key for request in asked] == ["2026-08-08", "2026-08-01"]
    config = asked[0].run_config["resources"]["pipeline"]["config"]
    assert PipelineResource(home=str(home.path), **config).partition("2026-08-08").source.kind == "archive"
    assert load_settings(home).source == "hub"


def test_a_date_that_failed_is_asked_for_again_the_next_night_and_once_a_night(home: Home) -> None:
    keys = [
        {request.run_key for request in ticked(home, "missing_dates", datetime(2026, 8, day, 4, 30, tzinfo=UTC))}
        for day in (16, 16, 17)
    ]
    assert keys[0] == keys[1]
    assert not keys[0] & keys[2]


def test_a_missed_day_does_not_block_a_later_one(home: Home) -> None:
    """2026-08-14 cannot be had; the schedule of the 15th does not ask what became of it."""
    (answer,) = said_by(home, "daily_crawl", datetime(2026, 8, 14, 1, 30, tzinfo=UTC))
    assert isinstance(answer, dg.SkipReason)
    later = ticked(home, "daily_crawl", datetime(2026, 8, 15, 1, 30, tzinfo=UTC))
    assert [request.partition_key for request in later] == ["2026-08-15"]


def ticked(home: Home, schedule: str, moment: datetime) -> list[dg.RunRequest]:
    """What a schedule asks for at a moment, each date a partition that Dagster knows."""
    asked = [request for request in said_by(home, schedule, moment) if isinstance(request, dg.RunRequest)]
    with open_instance(home) as instance:
        assert {str(request.partition_key) for request in asked} <= known_dates(instance)
    return asked


def said_by(home: Home, schedule: str, moment: datetime) -> list[dg.RunRequest | dg.SkipReason]:
    """All that a schedule answers at a moment."""
    pipeline = PipelineResource(home=str(home.path))
    with (
        open_instance(home) as instance,
        dg.build_schedule_context(
            instance, scheduled_execution_time=moment, resources={"pipeline": pipeline}
        ) as context,
    ):
        asked = build_defs(home.path).resolve_schedule_def(schedule)(context)
        return list(asked) if isinstance(asked, Iterator) else [asked]

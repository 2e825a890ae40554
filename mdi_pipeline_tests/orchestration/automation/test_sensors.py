"""What looks around every now and then: new dates, what became stale, and failures."""

from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, save_settings
from mdi_pipeline.orchestration.automation.sensors import (
    DATES_A_TICK,
    Watched,
    changes_stale,
    failed_checks,
    failed_runs,
    to_look_at,
)
from mdi_pipeline.orchestration.crawl_dates import known_dates
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.resources import PipelineResource
from mdi_pipeline.orchestration.steps.registry import STEPS
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.made_up import made_up_crawl
from mdi_pipeline_tests.orchestration.automation.conftest import DAYS, land
from mdi_pipeline_tests.pipeline import write_crawl


def test_changes_become_stale_only_after_a_date_that_was_filled_in(home: Home) -> None:
    step = next(step for step in STEPS if step.name == "score_changes")
    pipeline = PipelineResource(home=str(home.path))
    for day in (DAYS[0], DAYS[2]):
        for table in step.reads:
            home.lake.write(TABLES[table], day, TABLES[table].empty(), {"by": str(day)}, {})
        current = step.made_from(pipeline.partition(str(day)))
        home.lake.write(TABLES["score_changes"], day, TABLES["score_changes"].empty(), current, {})
    assert list(changes_stale(pipeline, DAYS)) == []
    scores = made_up_crawl(40)["disruption_scores"]
    for table in step.reads:
        filled_in = scores if table == "disruption_scores" else TABLES[table].empty()
        home.lake.write(TABLES[table], DAYS[1], filled_in, {"by": "a date filled in"}, {})
    assert [day for day, _ in changes_stale(pipeline, DAYS)] == [DAYS[2]]
    asked, cursor = looked(home)
    assert asked == [(str(DAYS[2]), [dg.AssetKey("score_changes")])]
    assert looked(home, cursor) == ([], cursor), "nothing was made since"
    with open_instance(home) as instance:
        land(instance, "disruption_scores", DAYS[2], "its own date")
    asked, cursor = looked(home, cursor)
    assert asked == [], "only later dates look back"
    with open_instance(home) as instance:
        land(instance, "disruption_scores", DAYS[1], "an earlier date")
    asked, cursor = looked(home, cursor)
    assert asked == [(str(DAYS[2]), [dg.AssetKey("score_changes")])]


def looked(home: Home, cursor: str | None = None) -> tuple[list[tuple[str | None, object]], str | None]:
    """What `stale_changes` asks for at a tick, and where the next one goes on from."""
    sensor = build_defs(home.path).resolve_sensor_def("stale_changes")
    pipeline = PipelineResource(home=str(home.path))
    with (
        open_instance(home) as instance,
        dg.build_sensor_context(instance, cursor, resources={"pipeline": pipeline}) as context,
    ):
        asked = [(run.partition_key, run.asset_selection) for run in sensor(context)]
        return asked, context.cursor


def test_d7_a_tick_looks_at_so_many_dates_and_the_next_goes_on(home: Home) -> None:
    days = [date(2025, 1, 1) + timedelta(days=i) for i in range(DATES_A_TICK + 5)]
    empty = TABLES["score_changes"].empty()
    for day in days:
        home.lake.write(TABLES["score_changes"], day, empty, {"by": "other code"}, {})
    left = []
    with open_instance(home) as instance:
        watched = to_look_at(instance, home.lake, Watched.from_cursor(None))
        assert watched.left == tuple(days)
    cursor: str | None = None
    for _ in range(2):
        _, cursor = looked(home, cursor)
        left.append(Watched.from_cursor(cursor).left)
    assert left == [tuple(days[DATES_A_TICK:]), ()]


def test_dates_of_the_lake_and_of_a_folder_become_partitions_oldest_first(home: Home, tmp_path: Path) -> None:
    sensor = build_defs(home.path).resolve_sensor_def("new_dates")
    pipeline = PipelineResource(home=str(home.path))

    def tick() -> tuple[str, list[str]]:
        with (
            open_instance(home) as instance,
            dg.build_sensor_context(instance, resources={"pipeline": pipeline}) as context,
        ):
            return sensor(context).skip_message, list(instance.get_dynamic_partitions("crawl_dates"))

    said, dates = tick()
    assert said.startswith("3 new dates")
    assert dates == [*map(str, DAYS)]
    write_crawl(tmp_path / "crawls", date(2026, 8, 29), 20)
    assert tick() == ("1 new dates: 2026-08-29", [*map(str, DAYS), "2026-08-29"])
    assert tick()[0] == "no new date"


def test_d6_a_simulated_hub_shows_only_the_dates_that_were_asked_for(tmp_path: Path) -> None:
    """It has hundreds: they would stand as missing for ever."""
    home = Home(tmp_path / "home")
    save_settings(home, Settings(source="demo"))
    home.lake.write(TABLES["model_snapshots"], DAYS[1], TABLES["model_snapshots"].empty(), {"by": "a"}, {})
    sensor = build_defs(home.path).resolve_sensor_def("new_dates")
    pipeline = PipelineResource(home=str(home.path))
    with (
        open_instance(home) as instance,
        dg.build_sensor_context(instance, resources={"pipeline": pipeline}) as context,
    ):
        assert sensor(context).skip_message == "no new date"
        assert known_dates(instance) == {str(DAYS[1])}


@pytest.mark.parametrize("blocking", [True, False])
def test_the_webhook_hears_of_a_failed_check_once_with_its_reason(
    home: Home, receiver: tuple[str, list[str]], blocking: bool
) -> None:
    address, texts = receiver
    save_settings(home, Settings(webhook=address))

    @dg.asset(check_specs=[dg.AssetCheckSpec("sound", asset="crawl", blocking=blocking)])
    def crawl():
        return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=False, description="3 of 9 models")])

    @dg.asset(deps=[crawl])
    def scores() -> None: ...

    hear(home, [crawl, scores])
    assert len(texts) == 1
    assert "crawl: sound: 3 of 9 models" in texts[0]
    assert ("failed checks" in texts[0]) is not blocking


def test_the_webhook_hears_why_a_run_failed_and_nothing_of_one_that_did_not(
    home: Home, receiver: tuple[str, list[str]]
) -> None:
    address, texts = receiver
    save_settings(home, Settings(webhook=address))

    @dg.asset
    def crawl() -> None:
        raise dg.Failure(description="the source is away")

    @dg.asset
    def sound() -> None: ...

    hear(home, [sound])
    assert texts == []
    hear(home, [crawl])
    assert len(texts) == 1
    assert "the source is away" in texts[0]


def hear(home: Home, assets: list[dg.AssetsDefinition]) -> None:
    """Run the assets, then the sensor that hears of how it ended."""
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(assets, instance=instance, raise_on_error=False)
        event = next(
            e for e in reversed(result.all_events) if e.is_run_failure or e.event_type_value == "PIPELINE_SUCCESS"
        )
        sensor = failed_checks if result.success else failed_runs
        with dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_event=event,
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            resources={"pipeline": PipelineResource(home=str(home.path))},
        ) as context:
            sensor(context if result.success else context.for_run_failure())

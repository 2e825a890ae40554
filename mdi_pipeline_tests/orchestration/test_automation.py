"""What runs without being asked, and who is told where it fails."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, SettingsError, change_settings, load_settings, save_settings
from mdi_pipeline.hub.archive import ArchiveSource
from mdi_pipeline.hub.files import FilesSource
from mdi_pipeline.lake.reports import Page
from mdi_pipeline.lake.thinning import drop
from mdi_pipeline.orchestration.automation.schedules import ASKED_FOR, MOST_TRIES
from mdi_pipeline.orchestration.automation.sensors import (
    DATES_A_TICK,
    Watched,
    changes_stale,
    failed_checks,
    failed_runs,
    to_look_at,
)
from mdi_pipeline.orchestration.automation.webhook import WebhookError, post
from mdi_pipeline.orchestration.crawl_dates import CRAWL_DATES, add_dates, known_dates
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.jobs import JOB
from mdi_pipeline.orchestration.resources import PipelineResource, Unwatched
from mdi_pipeline.orchestration.run import fill
from mdi_pipeline.orchestration.steps.registry import STEPS
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.made_up import made_up_crawl
from mdi_pipeline_tests.pipeline import write_crawl

DAYS = [date(2026, 8, day) for day in (1, 8, 15)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home over a folder of three dates; nothing has been crawled yet."""
    for day in DAYS:
        write_crawl(tmp_path / "crawls", day, 20)
    home = Home(tmp_path / "home")
    save_settings(home, Settings(source="files", path=str(tmp_path / "crawls"), first_date=date(2026, 8, 1)))
    return home


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


NIGHT = datetime(2026, 8, 16, 4, 30, tzinfo=UTC)
"""After the last of `DAYS`."""


def made(home: Home, *days: date) -> None:
    """Everything of these dates, in this process."""
    for day in days:
        run = fill(home, day, Unwatched(), force=False)
        assert not run.errors


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
    assert ticked(home, "daily_crawl", datetime(2026, 8, 14, 1, 30, tzinfo=UTC)) == []
    later = ticked(home, "daily_crawl", datetime(2026, 8, 15, 1, 30, tzinfo=UTC))
    assert [request.partition_key for request in later] == ["2026-08-15"]


def test_all_but_the_crawl_follows_its_inputs(home: Home) -> None:
    graph = build_defs(home.path).resolve_asset_graph()
    without = {
        key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).automation_condition is None
    }
    assert without == {"model_snapshots", "crawl_manifest"}


def land(instance: dg.DagsterInstance, asset: str, day: date | None, version: str) -> None:
    """Report an asset as materialised with a data version, its blocking checks as passed."""
    partition = str(day) if day else None
    instance.report_runless_asset_event(
        dg.AssetMaterialization(asset, partition=partition, tags={"dagster/data_version": version})
    )


def requested(
    defs: dg.Definitions, instance: dg.DagsterInstance, cursor: object = None
) -> tuple[set[tuple[str, str | None]], object]:
    result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)  # type: ignore[arg-type]
    found = set()
    for evaluation in result.results:
        subset = evaluation.true_subset.get_internal_value()
        key = evaluation.key.to_user_string()
        if isinstance(subset, bool):
            found |= {(key, None)} if subset else set()
        else:
            found |= {(key, partition) for partition in subset.get_partition_keys()}
    return found, result.cursor


@pytest.fixture
def chain() -> dg.Definitions:
    """A crawl, what follows from it, what follows from that, and what spans all dates: under the real conditions."""
    from mdi_pipeline.orchestration.automation.conditions import follows_any_crawl, follows_inputs

    @dg.asset(partitions_def=CRAWL_DATES)
    def crawl() -> None: ...

    @dg.asset(partitions_def=CRAWL_DATES, deps=[crawl], automation_condition=follows_inputs())
    def scores() -> None: ...

    @dg.asset(partitions_def=CRAWL_DATES, deps=[scores], automation_condition=follows_inputs())
    def page() -> None: ...

    @dg.asset(deps=[scores], automation_condition=follows_any_crawl())
    def history() -> None: ...

    return dg.Definitions([crawl, scores, page, history])


def test_an_old_date_rewritten_recomputes_exactly_what_hangs_on_it(chain: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        for day in DAYS:
            for asset in ("crawl", "scores", "page"):
                land(instance, asset, day, "1")
        land(instance, "history", None, "1")
        found, cursor = requested(chain, instance)
        assert found == set()
        land(instance, "crawl", DAYS[0], "2")
        found, cursor = requested(chain, instance, cursor)
        assert found == {("scores", str(DAYS[0]))}
        land(instance, "scores", DAYS[0], "2")
        found, cursor = requested(chain, instance, cursor)
        assert found == {("page", str(DAYS[0])), ("history", None)}


@pytest.mark.parametrize("follow_code", [True, False])
def test_other_code_makes_again_what_is_there_where_the_settings_say_so(follow_code: bool) -> None:
    from mdi_pipeline.orchestration.automation.conditions import follows_inputs

    def with_code(version: str) -> dg.Definitions:
        @dg.asset(partitions_def=CRAWL_DATES)
        def crawl() -> None: ...

        condition = follows_inputs(changed_code=follow_code)

        @dg.asset(partitions_def=CRAWL_DATES, deps=[crawl], code_version=version, automation_condition=condition)
        def scores() -> None: ...

        return dg.Definitions([crawl, scores])

    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        for asset in ("crawl", "scores"):
            land(instance, asset, DAYS[0], "1")
        found, cursor = requested(with_code("1"), instance)
        assert found == set()
        found, cursor = requested(with_code("2"), instance, cursor)
        assert found == ({("scores", str(DAYS[0]))} if follow_code else set())
        assert requested(with_code("2"), instance, cursor)[0] == set()


def test_made_again_and_come_out_the_same_costs_nothing_below(chain: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        for asset in ("crawl", "scores", "page"):
            land(instance, asset, DAYS[0], "1")
        _, cursor = requested(chain, instance)
        land(instance, "crawl", DAYS[0], "1")
        assert requested(chain, instance, cursor)[0] == set()


def test_a_run_that_made_all_of_a_date_leaves_nothing_to_follow(chain: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        _, cursor = requested(chain, instance)
        for asset in ("crawl", "scores", "page"):
            land(instance, asset, DAYS[2], "1")
        land(instance, "history", None, "1")
        assert requested(chain, instance, cursor)[0] == set()


@pytest.mark.parametrize("passed", [True, False])
def test_nothing_follows_an_input_whose_blocking_check_failed(passed: bool) -> None:
    from mdi_pipeline.orchestration.automation.conditions import follows_inputs

    @dg.asset(
        partitions_def=CRAWL_DATES,
        check_specs=[dg.AssetCheckSpec("sound", asset="crawl", blocking=True, partitions_def=CRAWL_DATES)],
    )
    def crawl():
        return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=passed)])

    @dg.asset(partitions_def=CRAWL_DATES, deps=[crawl], automation_condition=follows_inputs())
    def scores() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        _, cursor = requested(dg.Definitions([crawl, scores]), instance)
        dg.materialize([crawl], partition_key=str(DAYS[0]), instance=instance, raise_on_error=False)
        found, _ = requested(dg.Definitions([crawl, scores]), instance, cursor)
    assert found == ({("scores", str(DAYS[0]))} if passed else set())


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


@pytest.mark.parametrize(
    ("source", "crawled", "passed", "line"),
    [
        ("files", DAYS, True, "newest finished crawl date: 2026-08-15; expected: 2026-08-15"),
        ("files", DAYS[:2], False, "newest finished crawl date: 2026-08-08; expected: 2026-08-15"),
        ("files", [], False, "newest finished crawl date: none; expected: 2026-08-15"),
        ("hub", DAYS, False, "newest finished crawl date: 2026-08-15; expected: "),
    ],
)
def test_d6_freshness_speaks_of_the_newest_crawl_date(
    home: Home, source: str, crawled: list[date], passed: bool, line: str
) -> None:
    """Whatever was made last: a backfill of old dates makes no home fresh."""
    change_settings(home, lambda _: {"source": source})
    for day in crawled:
        home.lake.write(TABLES["model_snapshots"], day, TABLES["model_snapshots"].empty(), {"by": "a"}, {})
        home.reports.write(day, Page("<html><head></head></html>", lambda folder: folder.mkdir()), {"by": "a"}, {})
    job = build_defs(home.path).resolve_schedule_def("freshness").job_name
    with open_instance(home) as instance:
        ran = build_defs(home.path).resolve_job_def(job).execute_in_process(instance=instance)
    (check,) = ran.get_asset_check_evaluations()
    assert check.passed is passed
    assert (check.description or "").startswith(line)
    assert check.partition is None


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[str]]]:
    """A webhook's address, and the texts that it was sent."""
    texts: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            texts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(500 if "refuse" in self.path else 200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/secret", texts
    server.shutdown()
    server.server_close()


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
        add_dates(instance, DAYS)
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


def test_a_webhook_that_refuses_is_said_without_its_address(receiver: tuple[str, list[str]]) -> None:
    with pytest.raises(WebhookError) as refused:
        post(f"{receiver[0]}/refuse", "text")
    assert "secret" not in str(refused.value)
    with pytest.raises(SettingsError, match="webhook"):
        Settings(webhook="file:///etc/passwd")


def test_sources_with_past_dates_say_which(home: Home) -> None:
    assert FilesSource(Path(str(load_settings(home).path))).dates() == DAYS


def test_the_job_of_a_date_leaves_what_spans_all_dates_alone(home: Home) -> None:
    job = build_defs(home.path).resolve_job_def(JOB)
    assert "model_history" not in {key.to_user_string() for key in job.asset_layer.selected_asset_keys}

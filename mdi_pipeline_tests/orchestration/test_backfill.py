"""A backfill as the UI launches it: several runs at once, killed half-way, resumed."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, save_settings
from mdi_pipeline.orchestration.crawl_dates import known_dates
from mdi_pipeline.orchestration.instance import end_dead_runs, open_instance
from mdi_pipeline_tests.dagster_servers import ask, served, wait_for
from mdi_pipeline_tests.pipeline import write_crawl

DAYS = [date(2026, 7, 1) + timedelta(days=i) for i in range(30)]
ASSETS = ["model_snapshots", "crawl_manifest"]
AT_ONCE = 4

LAUNCH = """mutation($backfill: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $backfill) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
STATUS = """query($id: String!) { partitionBackfillOrError(backfillId: $id) {
  ... on PartitionBackfill { status } } }"""


def launch(address: str, days: list[date]) -> str:
    backfill = {
        "partitionNames": [str(day) for day in days],
        "assetSelection": [{"path": [asset]} for asset in ASSETS],
        "title": "a month",
    }
    launched = ask(address, LAUNCH, backfill=backfill)["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    backfill_id: str = launched["backfillId"]
    return backfill_id


def runs(home: Home, *statuses: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
    with open_instance(home) as instance:
        return list(instance.get_runs(dg.RunsFilter(statuses=list(statuses) or None)))


def no_run_begun(home: Home, killed: set[str]) -> bool:
    """Whether every run that had begun is ended; those that are ended here are added to `killed`."""
    with open_instance(home) as instance:
        killed |= set(end_dead_runs(instance))
    return not runs(home, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING)


@pytest.mark.slow
def test_a_month_several_at_once_killed_half_way_and_resumed(tmp_path: Path) -> None:
    for day in DAYS:
        write_crawl(tmp_path / "crawls", day, 30)
    home = Home(tmp_path / "home")
    save_settings(home, Settings(source="files", path=str(tmp_path / "crawls"), first_date=DAYS[0]))
    with open_instance(home):
        configuration = home.instance / "dagster.yaml"
        text = configuration.read_text()
        assert "max_concurrent_runs: 2" in text
        configuration.write_text(text.replace("max_concurrent_runs: 2", f"max_concurrent_runs: {AT_ONCE}"))

    with served(home) as ui:
        wait_for(lambda: known(home) >= {str(day) for day in DAYS}, "the folder's dates as partitions")
        backfill = launch(ui.address, DAYS)
        wait_for(lambda: len(home.lake.dates(ASSETS[-1])) >= len(DAYS) // 3, "a third of the month")
    landed = home.lake.dates(ASSETS[-1])
    assert len(landed) < len(DAYS), "it was to be killed half-way"

    killed: set[str] = set()
    wait_for(lambda: no_run_begun(home, killed), "the dead runs to be ended")
    assert killed
    with served(home) as ui:
        wait_for(
            lambda: (
                ask(ui.address, STATUS, id=backfill)["partitionBackfillOrError"]["status"].startswith("COMPLETED")
                and not runs(
                    home, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING
                )
            ),
            "the rest of the month",
        )
        left = [day for day in DAYS if day not in home.lake.dates(ASSETS[-1])]
        assert not left

    failed = {run.run_id for run in runs(home, dg.DagsterRunStatus.FAILURE)}
    assert failed <= killed, "a run failed that nobody killed"
    assert_recorded(home, killed)
    assert most_at_once(home) > 1


def known(home: Home) -> set[str]:
    """The partitions that Dagster knows."""
    with open_instance(home) as instance:
        return known_dates(instance)


def assert_recorded(home: Home, killed: set[str]) -> None:
    """Every partition was materialised once, and every check stands on its partition.

    A run that was killed may have come as far as that before; whether it is done again is Dagster's to judge.
    """
    partitions = {str(day) for day in DAYS}
    with open_instance(home) as instance:
        for asset in ASSETS:
            records = instance.fetch_materializations(dg.AssetKey(asset), limit=500).records
            assert {record.partition_key for record in records} == partitions, asset
            whole = Counter(record.partition_key for record in records if record.run_id not in killed)
            assert set(whole.values()) == {1}, asset
            cut_short = {record.partition_key for record in records if record.run_id in killed}
            assert partitions - set(whole) <= cut_short, asset
        evaluations: dict[tuple[str, str], set[str]] = {}
        for run in instance.get_runs():
            for event in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
                assert event.dagster_event
                check = event.dagster_event.asset_check_evaluation_data
                assert check.passed, check.description
                assert check.partition == run.tags["dagster/partition"]
                evaluations.setdefault((check.asset_key.to_user_string(), check.check_name), set()).add(check.partition)
    assert {asset for asset, _ in evaluations} == set(ASSETS)
    assert all(checked == partitions for checked in evaluations.values())


def most_at_once(home: Home) -> int:
    """The most runs that were under way at one moment."""
    with open_instance(home) as instance:
        spans = [
            (record.start_time, record.end_time)
            for record in instance.get_run_records()
            if record.start_time and record.end_time
        ]
    return max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)

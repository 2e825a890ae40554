"""A range of crawl dates in one run: each date recorded by itself, and none stopped by another."""

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, save_settings
from mdi_pipeline.orchestration.crawl_dates import add_dates
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.jobs import JOB
from mdi_pipeline.orchestration.range_job import DATES_JOB
from mdi_pipeline_tests.pipeline import contents, mdi, write_crawl

FIRST, SHRUNK, LAST = (date(2026, 8, day) for day in (20, 21, 22))


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_a_range_in_one_run_records_each_date_and_passes_over_one_that_fails(tmp_path: Path) -> None:
    for day, size in {FIRST: 200, SHRUNK: 100, LAST: 204}.items():
        write_crawl(tmp_path / "crawls", day, size)
    home = Home(tmp_path / "home")
    save_settings(home, Settings(source="files", path=str(tmp_path / "crawls"), first_date=FIRST))
    job = build_defs(home.path).resolve_job_def(DATES_JOB)
    config = {"ops": {"fill_dates": {"config": {"first": str(FIRST), "last": str(LAST)}}}}
    with open_instance(home) as instance:
        result = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
        assert not result.success
        failure = result.get_step_failure_events()[0].step_failure_data.user_failure_data
        assert failure
        assert failure.description
        assert failure.description.startswith(
            "1 of 3 dates failed. 2026-08-21: size_against_last_crawl: 100 models, 50."
        )
        assert partitions_of(instance, "model_snapshots") == [str(day) for day in (FIRST, SHRUNK, LAST)]
        for asset in ("disruption_scores", "score_changes", "report"):
            assert partitions_of(instance, asset) == [str(FIRST), str(LAST)], asset
        checks = result.get_asset_check_evaluations()
        assert {check.partition for check in checks if check.check_name == "disruption_scores_valid"} == {
            str(FIRST),
            str(LAST),
        }
        assert [(check.check_name, check.partition) for check in checks if not check.passed and check.blocking] == [
            ("size_against_last_crawl", str(SHRUNK))
        ]
        assert all(check.target_materialization_data for check in checks)
        n_runs = instance.get_runs_count()
    before = contents(home.path)
    assert "up to date" in mdi(home.path, "run", "--crawl-date", str(FIRST)).output
    after = contents(home.path)
    with open_instance(home) as instance:
        # That of what spans all crawls alone: the range recorded code and inputs of FIRST as a run of it would.
        assert instance.get_runs_count() == n_runs + 1
    assert {file: after[file] for file in before} == before, "one run of a range makes what a run of a date makes"


def partitions_of(instance: dg.DagsterInstance, asset: str) -> list[str]:
    """The partition of each materialisation of an asset: one a date."""
    records = instance.fetch_materializations(dg.AssetKey(asset), limit=50).records
    return sorted(str(record.partition_key) for record in records)


def test_a_range_taken_for_one_partition_is_refused_with_what_to_do(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    save_settings(home, Settings(first_date=FIRST))
    tags = {"dagster/asset_partition_range_start": str(FIRST), "dagster/asset_partition_range_end": str(LAST)}
    job = build_defs(home.path).resolve_job_def(JOB)
    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, [FIRST, SHRUNK, LAST])
        result = job.execute_in_process(tags=tags, instance=instance, raise_on_error=False)
    reason = result.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert reason
    assert "the job crawl_dates" in str(reason.description)
    assert not home.lake.dates("model_snapshots")

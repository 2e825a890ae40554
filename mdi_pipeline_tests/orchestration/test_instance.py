"""Dagster's instance of a home: made, and brought up to date."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.instance import CONFIGURATION, open_instance, without_storage_of_0_1_0

STORAGE_OF_0_1_0 = """\
storage:
  custom:
    module: mdi_pipeline.sqlite_storage
    class: SharedFilesKeptOpen
    config:
      base_dir:
        env: DAGSTER_HOME
"""

CONFIGURATION_OF_0_1_0 = f"""\
# Dagster's settings for this home; see https://docs.dagster.io/deployment/oss/oss-instance-configuration
{STORAGE_OF_0_1_0}telemetry:
  enabled: false
nux:
  enabled: false
run_monitoring:
  enabled: true
run_retries:
  enabled: true
  max_retries: 2
  retry_on_asset_or_op_failure: false
freshness:
  enabled: true
run_queue:
  dequeue_use_threads: true  # else the next run is launched only when the one before has loaded all its code
concurrency:
  runs:
    max_concurrent_runs: 2
"""

OWNERS_LINES = st.lists(
    st.sampled_from(
        [
            "# a note of the owner\n",
            "\n",
            "telemetry:\n  enabled: false  # no\n",
            "concurrency:\n\n  # many\n  runs:\n    max_concurrent_runs: 8\n",
            "  \n",
            "python_logs: {python_log_level: INFO}\n",
        ]
    ),
    unique=True,
)


@dg.job
def job() -> None:
    """Does nothing."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with open_instance(home) as opened:
        yield opened


def test_a_new_home_has_dagsters_own_storage_in_its_folder(home: Home, instance: dg.DagsterInstance) -> None:
    assert (home.instance / "dagster.yaml").read_text() == CONFIGURATION
    assert "storage" not in CONFIGURATION
    run = instance.create_run_for_job(job)
    with open_instance(home) as again:
        assert again.get_run_by_id(run.run_id) == run
    assert sorted(file.relative_to(home.instance).as_posix() for file in home.instance.rglob("*.db")) == [
        "history/runs.db",
        "history/runs/index.db",
        "schedules/schedules.db",
    ]


def test_a_home_of_version_0_1_0_keeps_its_history(home: Home, instance: dg.DagsterInstance) -> None:
    run = instance.create_run_for_job(job)
    instance.report_runless_asset_event(dg.AssetMaterialization("models", metadata={"rows": 3}))
    configuration = home.instance / "dagster.yaml"
    configuration.write_text(CONFIGURATION_OF_0_1_0)
    with open_instance(home) as brought_up:
        assert configuration.read_text() == CONFIGURATION
        assert brought_up.get_run_by_id(run.run_id) == run
        records = brought_up.fetch_materializations(dg.AssetKey("models"), limit=2).records
        assert [record.asset_materialization.metadata["rows"].value for record in records] == [3]
    assert [file.name for file in home.instance.glob("dagster*")] == ["dagster.yaml"]


@given(before=OWNERS_LINES, after=OWNERS_LINES)
def test_only_the_storage_of_version_0_1_0_is_taken_out(before: list[str], after: list[str]) -> None:
    text = "".join([*before, STORAGE_OF_0_1_0, *after])
    assert without_storage_of_0_1_0(text.encode()).decode() == "".join([*before, *after])


@pytest.mark.parametrize(
    "storage",
    [
        STORAGE_OF_0_1_0.replace("\n", "\r\n"),
        STORAGE_OF_0_1_0.replace("  custom:", "# ours\n\n  custom:"),
        STORAGE_OF_0_1_0.rstrip(),
        "storage: {custom: {module: mdi_pipeline.sqlite_storage, class: SharedFilesKeptOpen}}\n",
    ],
)
def test_that_storage_is_taken_out_however_it_is_written(storage: str) -> None:
    assert without_storage_of_0_1_0(f"nux: {{enabled: false}}\n{storage}".encode()) == b"nux: {enabled: false}\n"


@pytest.mark.parametrize(
    "text",
    [
        CONFIGURATION,
        "storage:\n  sqlite:\n    base_dir:\n      env: DAGSTER_HOME\n",
        "# no more mdi_pipeline.sqlite_storage\nstorage: {sqlite: {base_dir: here}}\n",
    ],
)
def test_another_storage_is_left(text: str) -> None:
    assert without_storage_of_0_1_0(text.encode()).decode() == text

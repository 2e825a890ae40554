"""Dagster's instance of a home: made, brought up to date, and rid of the runs whose process was killed."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.home.folder import Home
from mdi_pipeline.lake.liveness import Fate, ProcessIdentity
from mdi_pipeline.orchestration.instance import (
    CONFIGURATION,
    PROCESS_TAG,
    end_dead_runs,
    name_process,
    open_instance,
    runs_in_progress,
    without_storage_of_0_1_0,
)
from mdi_pipeline.orchestration.resources import PipelineResource
from mdi_pipeline_tests.namespaces import in_pid_namespace, needs_pid_namespaces

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

STARTED, STARTING = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING

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


@dg.op(required_resource_keys={"pipeline"})
def nothing() -> None:
    """Does nothing."""


@dg.job
def job() -> None:
    """Does nothing."""
    nothing()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with open_instance(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def gone() -> ProcessIdentity:
    """A process of this host that was killed."""
    says = "from mdi_pipeline.lake.liveness import ProcessIdentity; print(ProcessIdentity.current())"
    said = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    identity = ProcessIdentity.parse(said.stdout.strip())
    assert identity is not None
    return identity


def begun(
    instance: dg.DagsterInstance,
    status: dg.DagsterRunStatus = STARTED,
    *,
    process: ProcessIdentity | None = None,
    tags: dict[str, str] | None = None,
    repeats: dg.DagsterRun | None = None,
) -> dg.DagsterRun:
    """A run on record, in the process given; where it repeats another, it has that one's tags until it begins."""
    run = instance.create_run_for_job(
        job,
        status=status,
        tags={**(repeats.tags if repeats else {}), **(tags or {})},
        parent_run_id=repeats.run_id if repeats else None,
        root_run_id=repeats.run_id if repeats else None,
    )
    if process:
        instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id}/{process}"})
    return on_record(instance, run)


def on_record(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


def code_server(address: Path) -> dict[str, str]:
    """The tag that Dagster gives a run that it hands to a code server."""
    return {".dagster/grpc_info": json.dumps({"host": "localhost", "socket": str(address)})}


def test_a_new_home_has_dagsters_own_storage_in_its_folder(home: Home, instance: dg.DagsterInstance) -> None:
    assert (home.instance / "dagster.yaml").read_text() == CONFIGURATION
    assert "storage" not in CONFIGURATION
    run = begun(instance)
    with open_instance(home) as again:
        assert again.get_run_by_id(run.run_id) == run
    assert sorted(file.relative_to(home.instance).as_posix() for file in home.instance.rglob("*.db")) == [
        "history/runs.db",
        "history/runs/index.db",
        "schedules/schedules.db",
    ]


def test_a_home_of_version_0_1_0_keeps_its_history(home: Home, instance: dg.DagsterInstance) -> None:
    run = begun(instance)
    instance.report_runless_asset_event(dg.AssetMaterialization("models", metadata={"rows": 3}))
    configuration = home.instance / "dagster.yaml"
    configuration.write_text(CONFIGURATION_OF_0_1_0)
    with open_instance(home) as brought_up:
        assert configuration.read_text() == CONFIGURATION_OF_0_1_0.replace(STORAGE_OF_0_1_0, "")
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


def test_a_run_names_its_process_when_it_begins(home: Home, instance: dg.DagsterInstance) -> None:
    seen: list[Fate] = []

    @dg.op(required_resource_keys={"pipeline"})
    def look() -> None:
        seen.extend(judged.fate for judged in runs_in_progress(instance))

    @dg.job(resource_defs={"pipeline": PipelineResource(home=str(home.path))})
    def looks() -> None:
        look()

    result = looks.execute_in_process(instance=instance)
    assert seen == [Fate.RUNNING]
    named = on_record(instance, result.dagster_run).tags[PROCESS_TAG]
    assert named == f"{result.run_id}/{ProcessIdentity.current()}"
    assert not runs_in_progress(instance)


@pytest.mark.parametrize("status", [STARTED, STARTING])
def test_only_a_run_whose_process_is_known_to_be_gone_is_ended(
    instance: dg.DagsterInstance, gone: ProcessIdentity, status: dg.DagsterRunStatus
) -> None:
    here = ProcessIdentity.current()
    killed = begun(instance, status, process=gone)
    left = {
        begun(instance, status, process=here).run_id: Fate.RUNNING,
        begun(instance, status, process=replace(gone, host="other")).run_id: Fate.UNKNOWN,
        begun(instance, status, process=replace(gone, pid_namespace=1)).run_id: Fate.UNKNOWN,
        begun(instance, status, tags={PROCESS_TAG: str(gone.pid)}).run_id: Fate.UNKNOWN,
        begun(instance, status).run_id: Fate.UNKNOWN,
    }
    assert end_dead_runs(instance) == [killed.run_id]
    assert on_record(instance, killed).status is dg.DagsterRunStatus.FAILURE
    assert {judged.run.run_id: judged.fate for judged in runs_in_progress(instance)} == left


def test_a_run_that_repeats_a_killed_one_is_not_taken_for_it(
    instance: dg.DagsterInstance, gone: ProcessIdentity
) -> None:
    killed = begun(instance, process=gone)
    assert end_dead_runs(instance) == [killed.run_id]
    again = begun(instance, STARTING, repeats=on_record(instance, killed))
    assert again.tags[PROCESS_TAG] == on_record(instance, killed).tags[PROCESS_TAG]
    assert [judged.fate for judged in runs_in_progress(instance)] == [Fate.UNKNOWN]
    name_process(instance, again)
    assert [judged.fate for judged in runs_in_progress(instance)] == [Fate.RUNNING]


def test_a_run_whose_code_server_was_killed_before_it_began_is_ended(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    listens, refuses, missing = (tmp_path / name for name in ("listens", "refuses", "missing"))
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(refuses))
        server.bind(str(listens))
        server.listen()
        lost = begun(instance, STARTING, tags=code_server(refuses))
        begun(instance, STARTED, tags=code_server(refuses))
        begun(instance, STARTING, tags=code_server(missing))
        begun(instance, STARTING, tags=code_server(listens))
        begun(instance, STARTING, tags={".dagster/grpc_info": json.dumps({"host": "localhost", "port": 4000})})
        begun(instance, STARTING, repeats=lost)
        assert end_dead_runs(instance) == [lost.run_id]
        assert [judged.fate for judged in runs_in_progress(instance)] == [Fate.UNKNOWN] * 5


@needs_pid_namespaces
@pytest.mark.parametrize("own_proc", [True, False])
def test_a_run_of_another_container_on_the_same_storage_is_left(
    home: Home, instance: dg.DagsterInstance, own_proc: bool
) -> None:
    run = begun(instance, process=ProcessIdentity.current())
    ends = f"""
from pathlib import Path
from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.instance import end_dead_runs, open_instance, runs_in_progress
with open_instance(Home(Path({str(home.path)!r}))) as instance:
    print(end_dead_runs(instance), *(judged.fate.value for judged in runs_in_progress(instance)))
"""
    there = subprocess.run(
        in_pid_namespace([sys.executable, "-c", ends], own_proc=own_proc), capture_output=True, text=True, check=True
    )
    assert there.stdout.strip() == "[] unknown"
    assert on_record(instance, run).status is STARTED

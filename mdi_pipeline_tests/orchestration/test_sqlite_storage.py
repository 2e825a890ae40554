"""Dagster's storage with the shared files kept open: the same files, and the same to whoever reads them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from mdi_pipeline.sqlite_storage import EventLog, Runs

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.instance import open_instance

ASSET = dg.AssetKey("models")


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance(Home(tmp_path)) as instance:
        yield instance


@pytest.fixture
def dagsters(ours: dg.DagsterInstance, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's own storage of the same home."""
    (Home(tmp_path).instance / "plain.yaml").write_text("telemetry: {enabled: false}")
    with dg.DagsterInstance.from_config(str(Home(tmp_path).instance), "plain.yaml") as instance:
        yield instance


def rows(instance: dg.DagsterInstance) -> list[int]:
    """The row counts on record, oldest first."""
    records = instance.fetch_materializations(ASSET, limit=100, ascending=True).records
    return [record.asset_materialization.metadata["rows"].value for record in records]


def materialise(instance: dg.DagsterInstance, n_rows: int) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(ASSET, metadata={"rows": n_rows}))


def test_the_files_that_all_runs_share_are_opened_once(ours: dg.DagsterInstance) -> None:
    opened: list[str] = []
    for shared in (ours.event_log_storage._index, ours.run_storage._engine):
        sa.event.listen(shared, "connect", lambda connection, _: opened.append(str(connection)))
    for n_rows in range(20):
        materialise(ours, n_rows)
        ours.create_run_for_job(job)
    assert len(opened) == 2
    assert rows(ours) == list(range(20))
    assert ours.get_runs_count() == 20


def test_either_storage_sees_at_once_what_the_other_wrote(
    ours: dg.DagsterInstance, dagsters: dg.DagsterInstance
) -> None:
    assert isinstance(ours.event_log_storage, EventLog)
    assert not isinstance(dagsters.event_log_storage, EventLog)
    assert isinstance(ours.run_storage, Runs)
    for n_rows, (writes, reads) in enumerate([(ours, dagsters), (dagsters, ours)] * 3):
        materialise(writes, n_rows)
        assert rows(reads) == list(range(n_rows + 1))
    run = ours.create_run_for_job(job)
    assert dagsters.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.NOT_STARTED
    dagsters.report_run_canceled(run)
    assert ours.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.CANCELED


def test_whoever_watches_a_run_hears_of_each_event(ours: dg.DagsterInstance, dagsters: dg.DagsterInstance) -> None:
    run = ours.create_run_for_job(job)
    ours.report_engine_event("before", run)
    for n_heard in range(3):
        heard = threading.Event()
        dagsters.watch_event_logs(run.run_id, None, lambda *_, heard=heard: heard.set())
        ours.report_engine_event(f"event {n_heard}", run)
        assert heard.wait(10)


def test_threads_write_side_by_side(ours: dg.DagsterInstance) -> None:
    def some() -> None:
        for n_rows in range(10):
            materialise(ours, n_rows)
            ours.create_run_for_job(job)

    writers = [threading.Thread(target=some) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(rows(ours)) == sorted(list(range(10)) * 4)
    assert ours.get_runs_count() == 40


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def job() -> None:
    """Does nothing."""
    nothing()

"""Dagster's own instance of a home: made once, quiet, and rid of runs whose process is gone."""

from __future__ import annotations

import json
import os
import re
import socket
from textwrap import shorten
from typing import TYPE_CHECKING

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SettingsError
from mdi_pipeline.lake.liveness import is_alive
from mdi_pipeline.lake.store import replace_durably

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

PROCESS_TAG = "mdi/process"
"""The tag that names the process of a run that `mdi run` executes itself."""

CONFIGURATION = """\
# Dagster's settings for this home; see https://docs.dagster.io/deployment/oss/oss-instance-configuration
telemetry:
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

STORAGE_OF_0_1_0 = b"mdi_pipeline.sqlite_storage"
"""The module whose class version 0.1.0 named as Dagster's storage: Dagster's own, with some files kept open."""

STORAGE_BLOCK = re.compile(rb"^storage:[^\n]*(?:\n(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]+[^\s#][^\n]*)*(?:\n|\Z)", re.MULTILINE)
"""The entry `storage` of a `dagster.yaml`, to the end of its last indented line."""


def open_instance(home: Home) -> DagsterInstance:
    """The Dagster instance of a home; made where there is none.

    Under a lock: two processes that make one home's SQLite files at once can break it for good. Raises
    `SettingsError` where its owner changed `dagster.yaml` and Dagster cannot use it.
    """
    from dagster import DagsterInstance
    from sqlalchemy.exc import SQLAlchemyError

    with home.lock("instance"):
        home.instance.mkdir(parents=True, exist_ok=True)
        configuration = home.instance / "dagster.yaml"
        present = configuration.read_bytes() if configuration.exists() else None
        wanted = CONFIGURATION.encode() if present is None else without_storage_of_0_1_0(present)
        if wanted != present:
            staged = configuration.with_name(f"{configuration.name}.new")
            staged.write_bytes(wanted)
            replace_durably(staged, configuration)
        os.environ["DAGSTER_HOME"] = str(home.instance)
        os.environ["MDI_HOME"] = str(home.path)
        try:
            return DagsterInstance.from_config(str(home.instance))
        except (OSError, SQLAlchemyError):
            raise  # of a disk or a database
        except Exception as error:
            if configuration.read_text() == CONFIGURATION:
                raise
            what = shorten(str(error), 400, placeholder=" ...")
            raise SettingsError(
                f"Dagster cannot use {configuration}: {what}. Mend it, or take it away: the usual one is made then"
            ) from error


def without_storage_of_0_1_0(configuration: bytes) -> bytes:
    """A `dagster.yaml` without the storage that version 0.1.0 named: Dagster's own has the same files."""
    return STORAGE_BLOCK.sub(lambda block: b"" if STORAGE_OF_0_1_0 in block[0] else block[0], configuration)


def end_dead_runs(instance: DagsterInstance) -> list[str]:
    """Report the runs whose process was killed as failed; their ids come back.

    Dagster itself never learns of it where the process that launched the run was killed along, and counts
    such a run among those under way for ever.
    """
    dead = dead_runs(instance)
    for run in dead:
        instance.report_run_failed(run, "the process of this run was killed; nothing that had landed is lost")
    return [run.run_id for run in dead]


def dead_runs(instance: DagsterInstance) -> list[DagsterRun]:
    """The runs that Dagster counts among those under way and whose process is gone."""
    from dagster import DagsterRunStatus, RunsFilter

    def is_dead(run: DagsterRun) -> bool:
        process = run.tags.get(PROCESS_TAG) or _launched_process(instance, run.run_id)
        return not is_alive(process) if process else _launcher_is_gone(run)

    begun = instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTED, DagsterRunStatus.STARTING]))
    return [run for run in begun if is_dead(run)]


def _launched_process(instance: DagsterInstance, run_id: str) -> str | None:
    """The process that Dagster started for a run; None where it started none yet."""
    from dagster import DagsterEventType

    events = instance.all_logs(run_id, of_type=DagsterEventType.ENGINE_EVENT)
    for event in events:
        pid = event.dagster_event.engine_event_data.metadata.get("pid") if event.dagster_event else None
        if pid is not None:
            return str(pid.value)
    return None


def _launcher_is_gone(run: DagsterRun) -> bool:
    """Whether a run was handed to a code server that no longer answers, so that it will never begin."""
    address = json.loads(run.tags.get(".dagster/grpc_info", "{}")).get("socket")
    if address is None:
        return False
    with socket.socket(socket.AF_UNIX) as server:
        return server.connect_ex(address) != 0

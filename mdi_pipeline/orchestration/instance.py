"""Dagster's own instance of a home: made once, quiet, and rid of runs whose process is gone."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING

from mdi_pipeline.compute.durable import replace_durably
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SettingsError
from mdi_pipeline.lake.liveness import Fate, ProcessIdentity, fate_of

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

PROCESS_TAG = "mdi/process"
"""The tag that names the process of a run, after the id of the run: `<run id>/<process>`."""

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
    """The Dagster instance of a home; made where there is none. It knows the crawl dates of the lake as partitions.

    Under a lock: two processes that make one home's SQLite files at once can break it for good. Raises
    `SettingsError` where its owner changed `dagster.yaml` and Dagster cannot use it.
    """
    from dagster import DagsterInstance
    from sqlalchemy.exc import SQLAlchemyError

    from mdi_pipeline.orchestration.crawl_dates import add_dates

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
            instance = DagsterInstance.from_config(str(home.instance))
            add_dates(instance, home.lake.dates("model_snapshots"))
            return instance
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


def name_process(instance: DagsterInstance, run: DagsterRun) -> None:
    """Write down in a run's tags that this process executes it."""
    instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id}/{ProcessIdentity.current()}"})


def end_dead_runs(instance: DagsterInstance) -> list[str]:
    """Report the runs whose process was killed as failed, and return their ids.

    Dagster itself does not notice where the process that launched the run was killed too, and counts such a run
    among those in progress for ever.
    """
    dead = [judged.run for judged in runs_in_progress(instance) if judged.fate is Fate.GONE]
    for run in dead:
        instance.report_run_failed(run, "the process of this run was killed; nothing that had landed is lost")
    return [run.run_id for run in dead]


@dataclass(frozen=True)
class RunInProgress:
    """A run that Dagster counts as in progress, the text that names its process, and what is known of that process."""

    run: DagsterRun
    process: str
    fate: Fate


def runs_in_progress(instance: DagsterInstance) -> list[RunInProgress]:
    """The runs that Dagster counts as starting or started, with what can be known of their processes from here.

    A run names its process once it has begun (`name_process`). Where it names none, one conclusion remains: a run
    that was handed to a code server of this host that was killed before the run began will not begin. All others
    are left to Dagster's run monitoring, which fails a run that has not begun after 180 seconds.
    """
    from dagster import DagsterRunStatus, RunsFilter

    def judged(run: DagsterRun) -> RunInProgress:
        process = _named_process(run)
        if process:
            return RunInProgress(run, process, fate_of(process))
        lost = run.status is DagsterRunStatus.STARTING and _code_server_was_killed(instance, run)
        return RunInProgress(run, process, Fate.GONE if lost else Fate.UNKNOWN)

    in_progress = RunsFilter(statuses=[DagsterRunStatus.STARTED, DagsterRunStatus.STARTING])
    return [judged(run) for run in instance.get_runs(in_progress)]


def _named_process(run: DagsterRun) -> str:
    """The text that names a run's process, as it was written; empty where there is none.

    A run that repeats another one, as Dagster's retries do, has the other one's tags until it begins.
    """
    run_id, separator, process = run.tags.get(PROCESS_TAG, "").rpartition("/")
    return "" if separator and run_id != run.run_id else process


def _code_server_was_killed(instance: DagsterInstance, run: DagsterRun) -> bool:
    """Whether the code server that a run was handed to was one of this host and no longer listens.

    Its address is a socket in the file system and names no host. A socket that is there and refuses is one of this
    host whose server was killed; one that is missing may be another host's. Should the run's process be on its way
    all the same, it finds the run ended and does nothing.
    """
    address = _code_server(run)
    parent = instance.get_run_by_id(run.parent_run_id) if run.parent_run_id else None
    if address is None or (parent and _code_server(parent) == address):
        return False
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        return client.connect_ex(address) == errno.ECONNREFUSED


def _code_server(run: DagsterRun) -> str | None:
    """The socket of the code server that a run was handed to; None where there is none, or it listens on a port."""
    address: str | None = json.loads(run.tags.get(".dagster/grpc_info", "{}")).get("socket")
    return address

"""Fill crawl dates with Dagster, in this process: what `mdi run` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, change_settings
from mdi_pipeline.home.sources import TOLD_BY
from mdi_pipeline.orchestration.instance import end_dead_runs, open_instance

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance, ExecuteInProcessResult

    from mdi_pipeline.orchestration.resources import PipelineResource, Progress


Overrides = Mapping[str, Any]
"""Settings by name that are those of one run and not of its home."""

NONE: Overrides = MappingProxyType({})
"""A run with the settings of its home."""


@dataclass(frozen=True)
class DateRun:
    """What became of one crawl date (None: of what spans all): what was made, what was up to date, what went wrong."""

    crawl_date: date | None
    made: tuple[str, ...]
    reused: tuple[str, ...]
    errors: tuple[str, ...]


def remember(home: Home, settings: Settings, dates: Sequence[date]) -> None:
    """Write into `mdi.toml` what later runs go on with, under the home's lock.

    That is a first date no later than any that is crawled or about to be; and, before the first crawl of a home, the
    settings that say which source it is, as far as `mdi.toml` does not.
    """

    def change(written: Settings) -> dict[str, Any]:
        crawled = home.lake.dates("crawl_manifest")
        known = [written.first_date] if written.first_date else []
        told_by = {} if crawled else {name: getattr(settings, name) for name in TOLD_BY[settings.source]}
        unsaid = {name: value for name, value in told_by.items() if name not in written.model_fields_set}
        return {"first_date": min([*dates, *crawled, *known]), **unsaid}

    change_settings(home, change)


def fill(home: Home, crawl_date: date, progress: Progress, *, force: bool, overrides: Overrides = NONE) -> DateRun:
    """Materialise everything for one crawl date; what is up to date is left alone unless `force`.

    Where all of it is, and on record, no run is launched: it could only say so once more.
    """
    from mdi_pipeline.orchestration.jobs import JOB

    return _execute(home, JOB, crawl_date, progress, force=force, overrides=overrides)


def fill_history(home: Home, progress: Progress, *, force: bool, overrides: Overrides = NONE) -> DateRun:
    """Materialise what spans all crawls of the lake; what is up to date is left alone unless `force`."""
    from mdi_pipeline.orchestration.jobs import HISTORY_JOB

    return _execute(home, HISTORY_JOB, None, progress, force=force, overrides=overrides)


def _execute(
    home: Home, job: str, crawl_date: date | None, progress: Progress, *, force: bool, overrides: Overrides
) -> DateRun:
    from mdi_pipeline.orchestration.crawl_dates import add_dates
    from mdi_pipeline.orchestration.definitions import build_defs
    from mdi_pipeline.orchestration.resources import PipelineResource

    configured = {name: list(value) if isinstance(value, tuple) else value for name, value in overrides.items()}
    pipeline = PipelineResource(home=str(home.path), **configured)
    with open_instance(home) as instance:
        end_dead_runs(instance)
        add_dates(instance, [crawl_date] if crawl_date else [])
        if not force and (standing := _standing(pipeline, crawl_date, instance)):
            return DateRun(crawl_date, (), standing, ())
        result = (
            build_defs(home.path, progress, overrides)
            .resolve_job_def(job)
            .execute_in_process(
                instance=instance,
                partition_key=str(crawl_date) if crawl_date else None,
                raise_on_error=False,
                run_config={
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                    "resources": {"pipeline": {"config": {**configured, "force": force}}},
                },
            )
        )
    return _summed_up(crawl_date, result)


def _standing(pipeline: PipelineResource, crawl_date: date | None, instance: DagsterInstance) -> tuple[str, ...]:
    """The assets of a crawl date (None: of all) where each is up to date and on record so; else none."""
    from mdi_pipeline.lake.views import stale_views
    from mdi_pipeline.orchestration.asset import EXPECTED_ERRORS, stands
    from mdi_pipeline.orchestration.reuse import is_up_to_date
    from mdi_pipeline.orchestration.steps.registry import STEPS

    steps = [step for step in STEPS if step.across_dates == (crawl_date is None)]
    try:
        partition = pipeline.partition(str(crawl_date)) if crawl_date else pipeline.newest()
        # What is quickly seen comes first: Dagster's records take longer.
        if stale_views(partition.lake) or not all(is_up_to_date(step, partition) for step in steps):
            return ()
        if not all(stands(step, partition, instance) for step in steps):
            return ()
    except EXPECTED_ERRORS:
        return ()  # the run says what is wrong, and of which step
    return tuple(asset for step in steps for asset in step.assets)


def _summed_up(crawl_date: date | None, result: ExecuteInProcessResult) -> DateRun:
    reused: list[str] = []
    made: list[str] = []
    for event in result.get_asset_materialization_events():
        materialization = event.step_materialization_data.materialization
        done = reused if materialization.metadata["reused"].value else made
        done.append(materialization.asset_key.to_user_string())
    failures = [_reason(event) for event in result.get_step_failure_events()] if not result.success else []
    broken = [
        f"{check.asset_key.to_user_string()}: {check.check_name}: {check.description}"
        for check in result.get_asset_check_evaluations()
        if not check.passed and check.blocking
    ]
    errors = broken or failures or _skipped(result)
    return DateRun(crawl_date, tuple(made), tuple(reused), tuple(errors))


def _skipped(result: ExecuteInProcessResult) -> list[str]:
    """Why the crawl date was skipped; nothing where it was not."""
    from mdi_pipeline.orchestration.asset import SKIPPED

    observed = [event.asset_observation_data.asset_observation for event in result.get_asset_observation_events()]
    return list(dict.fromkeys(str(seen.metadata[SKIPPED].value) for seen in observed if SKIPPED in seen.metadata))


def _reason(event: DagsterEvent) -> str:
    """Why a step failed, in the words of the error."""
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return f"{event.step_key}: {failure.user_failure_data.description}"
    error = failure.error.cause or failure.error if failure.error else None
    message = error.message.strip() if error else "failed"
    return f"{event.step_key}: {message} (a bug: the traceback is in `mdi ui`)"

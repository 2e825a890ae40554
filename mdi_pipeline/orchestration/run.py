"""Fill crawl dates with Dagster, in this process: what `mdi run` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, SettingsError, load_settings, with_changes
from mdi_pipeline.home.sources import open_source
from mdi_pipeline.hub.source import DateRefused, Source
from mdi_pipeline.orchestration.instance import end_dead_runs, open_instance

if TYPE_CHECKING:
    from dagster import DagsterEvent, DagsterInstance, ExecuteInProcessResult

    from mdi_pipeline.orchestration.resources import Progress


@dataclass(frozen=True)
class DateRun:
    """What became of one crawl date (None: of what spans all): what was made, what was up to date, what went wrong."""

    crawl_date: date | None
    made: tuple[str, ...]
    reused: tuple[str, ...]
    errors: tuple[str, ...]


def settle(home: Home, wanted: Settings) -> Source:
    """Open the source that is wanted and make sure that the home may hold its crawls.

    Raises `SettingsError` where the home holds crawls that cannot be compared with that source's.
    """
    source = open_source(home, wanted)
    if home.lake.dates("model_snapshots"):
        family = open_source(home, load_settings(home)).family
        if family != source.family:
            raise SettingsError(
                f"{home.path} holds crawls of: {family}. Crawls of another source ({source.family}) cannot be compared "
                "with them; give those a home of their own: --home DIR"
            )
    return source


def dates_wanted(source: Source, landed: Sequence[date], first: date | None, last: date | None) -> list[date]:
    """The dates to fill: those that the source has from `first` to `last`; its newest where neither is given.

    Dates that have `landed` count as the source's: crawls of the live Hub's past can be worked on, if not taken.

    Raises `DateRefused` where it has none of them.
    """
    if first is not None and first == last:
        if first not in landed:
            source.fingerprint(first)
        return [first]
    held = source.dates()
    if first is None and last is None:
        return held[-1:]
    held = sorted({*held, *landed})
    chosen = [day for day in held if (first or held[0]) <= day <= (last or held[-1])]
    if not chosen:
        raise DateRefused(
            f"the source {source.kind} has no crawl from {first or held[0]} to {last or held[-1]}; "
            f"its dates go from {held[0]} to {held[-1]}"
        )
    return chosen


def with_first_date(settings: Settings, dates: Sequence[date]) -> Settings:
    """Settings whose first partition is no later than any of the dates."""
    known = [settings.first_date] if settings.first_date else []
    return with_changes(settings, first_date=min([*dates, *known]))


def fill(home: Home, crawl_date: date, progress: Progress, *, force: bool) -> DateRun:
    """Materialise everything for one crawl date; what is up to date is left alone unless `force`.

    Where all of it is, and on record, no run is launched: it could only say so once more.
    """
    from mdi_pipeline.orchestration.jobs import JOB

    return _execute(home, JOB, crawl_date, progress, force=force)


def fill_history(home: Home, progress: Progress, *, force: bool) -> DateRun:
    """Materialise what spans all crawls of the lake; what is up to date is left alone unless `force`."""
    from mdi_pipeline.orchestration.jobs import HISTORY_JOB

    return _execute(home, HISTORY_JOB, None, progress, force=force)


def _execute(home: Home, job: str, crawl_date: date | None, progress: Progress, *, force: bool) -> DateRun:
    from mdi_pipeline.orchestration.definitions import build_defs

    with open_instance(home) as instance:
        end_dead_runs(instance)
        if not force and (standing := _standing(home, crawl_date, instance)):
            return DateRun(crawl_date, (), standing, ())
        result = (
            build_defs(home.path, progress)
            .resolve_job_def(job)
            .execute_in_process(
                instance=instance,
                partition_key=str(crawl_date) if crawl_date else None,
                raise_on_error=False,
                run_config={
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                    "resources": {"pipeline": {"config": {"home": str(home.path), "force": force}}},
                },
            )
        )
    return _summed_up(crawl_date, result)


def _standing(home: Home, crawl_date: date | None, instance: DagsterInstance) -> tuple[str, ...]:
    """The assets of a crawl date (None: of all) where each is up to date and on record so; else none."""
    from mdi_pipeline.lake.views import stale_views
    from mdi_pipeline.orchestration.definitions import STEPS
    from mdi_pipeline.orchestration.resources import PipelineResource
    from mdi_pipeline.orchestration.step import EXPECTED_ERRORS, is_up_to_date, stands
    from mdi_pipeline.orchestration.steps.report import report_stands

    pipeline = PipelineResource(home=str(home.path))
    steps = [step for step in STEPS if bool(step.reads_all) == (crawl_date is None)]
    try:
        partition = pipeline.partition(str(crawl_date)) if crawl_date else pipeline.newest()
        # What is quickly seen comes first: to see what stands, every file is read through.
        if stale_views(home.lake) or not all(is_up_to_date(step, partition) for step in steps):
            return ()
        if crawl_date and not report_stands(partition, instance):
            return ()
        if not all(stands(step, partition, instance) for step in steps):
            return ()
    except EXPECTED_ERRORS:
        return ()  # the run says what is wrong, and of which step
    return (*(asset for step in steps for asset in step.assets), *(["report"] if crawl_date else []))


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
    errors = broken or failures
    return DateRun(crawl_date, tuple(made), tuple(reused), tuple(errors))


def _reason(event: DagsterEvent) -> str:
    """Why a step failed, in the words of whoever raised it."""
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return f"{event.step_key}: {failure.user_failure_data.description}"
    error = failure.error.cause or failure.error if failure.error else None
    message = error.message.strip() if error else "failed"
    return f"{event.step_key}: {message} (a bug: the traceback is in `mdi ui`)"

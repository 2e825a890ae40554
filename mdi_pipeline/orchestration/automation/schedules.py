"""What runs by the clock: the crawl of today, and dates that the source has and the lake lacks.

Dagster's concept: https://docs.dagster.io/guides/automate/schedules
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, timedelta

import dagster as dg

from mdi_pipeline.home.folder import Home, HomeError
from mdi_pipeline.home.settings import load_settings, with_changes
from mdi_pipeline.home.sources import SOURCE_OF_PAST, open_source
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.lake.thinning import dropped
from mdi_pipeline.orchestration.crawl_dates import add_dates
from mdi_pipeline.orchestration.jobs import CRAWL_DATE_JOB, NEWEST_CRAWL_DATE
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.resources import PipelineResource
from mdi_pipeline.orchestration.staleness import is_finished

DAILY = "30 1 * * *"
"""Half past one at night, UTC."""

LATER = "30 4 * * *"
"""Half past four at night, UTC: when today's crawl is through."""

MORNING = "0 6 * * *"
"""Six in the morning, UTC: when all of the night is through."""

MOST_AT_ONCE = 31
"""Missing dates asked for in one night; a year is filled by a backfill, not by a schedule."""

MOST_TRIES = 5
"""Runs of a date that this schedule launched and that failed, after which it asks no more."""

ASKED_FOR = "mdi/asked_for_by"
"""The tag of a run that names what asked for it."""

freshness = dg.ScheduleDefinition(
    name="freshness",
    target=NEWEST_CRAWL_DATE,
    cron_schedule=MORNING,
    execution_timezone="UTC",
    description="Looks whether the newest crawl date is in the lake, with its report; a warning where it is not.",
)


@dg.schedule(
    job=CRAWL_DATE_JOB,
    cron_schedule=DAILY,
    execution_timezone="UTC",
    description="Crawls today, where the source can give today. A day that it cannot is left out.",
)
def daily_crawl(context: dg.ScheduleEvaluationContext, pipeline: PipelineResource) -> dg.RunRequest | dg.SkipReason:
    """Crawl today, where the home's source can give today."""
    wanted = context.scheduled_execution_time.astimezone(UTC).date()
    refused = why_not(pipeline, wanted)
    if refused:
        return dg.SkipReason(refused)
    add_dates(context.instance, [wanted])
    return dg.RunRequest(run_key=str(wanted), partition_key=str(wanted))


@dg.schedule(
    job=CRAWL_DATE_JOB,
    cron_schedule=LATER,
    execution_timezone="UTC",
    description="Runs dates that the source (for the live Hub: its archive) has and the lake lacks, and dates in the "
    f"lake that were not finished: at most {MOST_AT_ONCE} a night, the newest first. One that failed is asked for "
    f"again the next night, {MOST_TRIES} times at most.",
)
def missing_dates(
    context: dg.ScheduleEvaluationContext, pipeline: PipelineResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Run dates that are missing or unfinished, each in a run of its own, newest first."""
    night = context.scheduled_execution_time.astimezone(UTC).date()
    try:
        missing = dates_missing(pipeline, night)
        unfinished = dates_unfinished(pipeline)
    except (SourceError, HomeError, LakeError) as error:
        yield dg.SkipReason(str(error))
        return
    asked: list[date] = []
    given_up: list[date] = []
    for day in sorted({*missing, *unfinished}, reverse=True):
        if len(asked) == MOST_AT_ONCE:
            break
        (asked if _tries(context.instance, day) < MOST_TRIES else given_up).append(day)
    if given_up:
        context.log.warning(_gave_up(given_up))
    if not asked:
        nothing = "the lake holds every date that the source has, each finished"
        yield dg.SkipReason(_gave_up(given_up) if given_up else nothing)
        return
    add_dates(context.instance, asked)
    past = {"resources": {"pipeline": {"config": {"source": source_of_past(pipeline)}}}}
    for crawl_date in asked:
        yield dg.RunRequest(
            run_key=f"{crawl_date}, asked for on {night}",
            partition_key=str(crawl_date),
            run_config=past if crawl_date in missing else {},
            tags={ASKED_FOR: "missing_dates"},
        )


def dates_missing(pipeline: PipelineResource, night: date) -> list[date]:
    """Dates until `night` that the source has and the lake lacks, oldest first.

    None before the home's first date, and none that `mdi prune` dropped.

    The live Hub has no past: its archive is asked, for days before `night`, which the Hub itself can still give.
    Raises `SourceError` where the source cannot say which dates it has.
    """
    home, past = Home.at(pipeline.home), source_of_past(pipeline)
    settings = load_settings(home)
    last = night if past == settings.source else night - timedelta(days=1)
    crawled = {*home.lake.dates("crawl_manifest"), *dropped(home.lake)}
    dates = open_source(home, with_changes(settings, source=past)).dates()
    first = settings.first_date or date.min
    return [day for day in dates if first <= day <= last and day not in crawled]


def dates_unfinished(pipeline: PipelineResource) -> list[date]:
    """Dates whose crawl is in the lake and of which something else is missing or was made from other inputs."""
    home = Home.at(pipeline.home)
    settings = load_settings(home)
    crawled = home.lake.dates("crawl_manifest")
    return [day for day in crawled if not is_finished(Partition(home, settings, day))]


def _tries(instance: dg.DagsterInstance, crawl_date: date) -> int:
    """How many runs of a date this schedule launched that failed."""
    tags = {ASKED_FOR: "missing_dates", "dagster/partition": str(crawl_date)}
    return instance.get_runs_count(dg.RunsFilter(tags=tags, statuses=[dg.DagsterRunStatus.FAILURE]))


def _gave_up(dates: Sequence[date]) -> str:
    listed = ", ".join(str(day) for day in sorted(dates))
    return (
        f"{listed}: not asked for any more after {MOST_TRIES} runs that failed. Mend what the runs say and make them "
        "by hand: mdi run --crawl-date D"
    )


def source_of_past(pipeline: PipelineResource) -> str:
    """The source of past dates: the home's own, or the one that has its past."""
    source = load_settings(Home.at(pipeline.home)).source
    return SOURCE_OF_PAST.get(source, source)


def why_not(pipeline: PipelineResource, crawl_date: date) -> str | None:
    """Why the home's source cannot give a date; None where it can."""
    try:
        pipeline.partition(str(crawl_date)).source.fingerprint(crawl_date)
    except (SourceError, HomeError) as error:
        return str(error)
    return None

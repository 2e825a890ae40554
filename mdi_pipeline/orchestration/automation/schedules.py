"""What runs by the clock: the crawl of today, and dates that the source has and the lake lacks.

Dagster's concept: https://docs.dagster.io/guides/automate/schedules
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SettingsError, load_settings, with_changes
from mdi_pipeline.home.sources import SOURCE_OF_PAST, open_source
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.orchestration.jobs import CRAWL_DATE_JOB
from mdi_pipeline.orchestration.resources import PipelineResource

DAILY = "30 1 * * *"
"""Half past one at night, UTC."""

LATER = "30 4 * * *"
"""Half past four at night, UTC: when today's crawl is through."""

MOST_AT_ONCE = 31
"""Missing dates asked for in one night; a year is filled by a backfill, not by a schedule."""


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
    return dg.RunRequest(run_key=str(wanted), partition_key=str(wanted))


def missing_dates(first_date: date) -> dg.ScheduleDefinition:
    """Crawl past dates that the source has and the lake lacks, each in a run of its own, newest first."""

    @dg.schedule(
        job=CRAWL_DATE_JOB,
        cron_schedule=LATER,
        execution_timezone="UTC",
        name="missing_dates",
        description=f"Crawls dates that the source (for the live Hub: its archive) has and the lake lacks: at most "
        f"{MOST_AT_ONCE} a night, the newest first. One that failed is asked for again the next night.",
    )
    def schedule(
        context: dg.ScheduleEvaluationContext, pipeline: PipelineResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        night = context.scheduled_execution_time.astimezone(UTC).date()
        try:
            missing = dates_missing(pipeline, first_date, night)
        except (SourceError, SettingsError) as error:
            yield dg.SkipReason(str(error))
            return
        if not missing:
            yield dg.SkipReason("the lake holds every date that the source has")
        config = {"source": source_of_past(pipeline)}
        for crawl_date in missing[-MOST_AT_ONCE:][::-1]:
            yield dg.RunRequest(
                run_key=f"{crawl_date}, asked for on {night}",
                partition_key=str(crawl_date),
                run_config={"resources": {"pipeline": {"config": config}}},
            )

    return schedule


def dates_missing(pipeline: PipelineResource, first_date: date, night: date) -> list[date]:
    """Dates from `first_date` until `night` that the source has and the lake lacks, oldest first.

    The live Hub has no past: its archive is asked, for days before `night`, which the Hub itself can still give.
    Raises `SourceError` where the source cannot say which dates it has.
    """
    home, past = Home.at(pipeline.home), source_of_past(pipeline)
    settings = load_settings(home)
    last = night if past == settings.source else night - timedelta(days=1)
    crawled = set(home.lake.dates("crawl_manifest"))
    dates = open_source(home, with_changes(settings, source=past)).dates()
    return [day for day in dates if first_date <= day <= last and day not in crawled]


def source_of_past(pipeline: PipelineResource) -> str:
    """The source of past dates: the home's own, or the one that has its past."""
    source = load_settings(Home.at(pipeline.home)).source
    return SOURCE_OF_PAST.get(source, source)


def why_not(pipeline: PipelineResource, crawl_date: date) -> str | None:
    """Why the home's source cannot give a date; None where it can."""
    try:
        pipeline.partition(str(crawl_date)).source.fingerprint(crawl_date)
    except (SourceError, SettingsError) as error:
        return str(error)
    return None


def today() -> date:
    """Today's crawl date: UTC."""
    return datetime.now(UTC).date()

"""What runs without being asked: the job of a crawl date, and the schedule that launches it daily.

Dagster's concepts: https://docs.dagster.io/guides/build/jobs, https://docs.dagster.io/guides/automate/schedules
"""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import dagster as dg

from mdi_pipeline.hub.source import DateRefused, SourceError
from mdi_pipeline.resources import PipelineResource
from mdi_pipeline.settings import SettingsError
from mdi_pipeline.tables import TABLES

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

JOB = "crawl_date"
HISTORY_JOB = "all_crawls"

ACROSS_DATES = dg.AssetSelection.assets(*(table.name for table in TABLES.values() if table.across_dates))
"""The assets that are one whole over all crawl dates."""

DAILY = "30 1 * * *"
"""Half past one at night, UTC."""


def crawl_date_job() -> "UnresolvedAssetJobDefinition":
    """The job that fills one crawl date, from the source to the report."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() - ACROSS_DATES,
        executor_def=dg.in_process_executor,
        description="One crawl date, from the source to the report. What is up to date is left alone.",
    )


def history_job() -> "UnresolvedAssetJobDefinition":
    """The job that makes what spans all crawls, once for however many dates were filled."""
    return dg.define_asset_job(
        HISTORY_JOB,
        selection=ACROSS_DATES,
        executor_def=dg.in_process_executor,
        description="What spans all crawls in the lake. What is up to date is left alone.",
    )


def daily_schedule(job: "UnresolvedAssetJobDefinition") -> dg.ScheduleDefinition:
    """Crawl today, where the home's source can give today."""

    @dg.schedule(job=job, cron_schedule=DAILY, execution_timezone="UTC", name="daily_crawl")
    def daily_crawl(context: dg.ScheduleEvaluationContext, pipeline: PipelineResource) -> dg.RunRequest | dg.SkipReason:
        today = context.scheduled_execution_time.astimezone(UTC).date()
        refused = why_not(pipeline, today)
        if refused:
            return dg.SkipReason(refused)
        return dg.RunRequest(run_key=str(today), partition_key=str(today))

    return daily_crawl


def why_not(pipeline: PipelineResource, crawl_date: date) -> str | None:
    """Why the home's source cannot give a date; None where it can."""
    try:
        pipeline.partition(str(crawl_date)).source.fingerprint(crawl_date)
    except (DateRefused, SourceError, SettingsError) as error:
        return str(error)
    return None


def today() -> date:
    """Today's crawl date: UTC."""
    return datetime.now(UTC).date()

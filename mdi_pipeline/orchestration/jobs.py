"""The jobs that schedules, sensors and `mdi run` launch.

Dagster's concept: https://docs.dagster.io/guides/build/jobs
"""

import dagster as dg

from mdi_pipeline.tables.catalogue import TABLES

JOB = "crawl_date"
NEWEST_CRAWL_DATE = dg.AssetSelection.checks(
    dg.AssetCheckKey(dg.AssetKey("model_history"), "newest_crawl_date_is_recent")
)
"""The check of the newest crawl date, which the clock asks for and no run of a crawl date."""

HISTORY_JOB = "all_crawls"

ACROSS_DATES = dg.AssetSelection.assets(*(table.name for table in TABLES.values() if table.across_dates))
"""The assets that are one whole over all crawl dates."""

CRAWL_DATE_JOB = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all() - ACROSS_DATES,
    executor_def=dg.in_process_executor,
    description="One crawl date, from the source to the report. What is up to date is left alone.",
)
"""The job that fills one crawl date, from the source to the report."""

ALL_CRAWLS_JOB = dg.define_asset_job(
    HISTORY_JOB,
    selection=ACROSS_DATES - NEWEST_CRAWL_DATE,
    executor_def=dg.in_process_executor,
    description="What spans all crawls in the lake. What is up to date is left alone.",
)
"""The job that makes what spans all crawls, once for however many dates were filled."""

"""The code location: a table of contents of all that Dagster knows of this project.

`build_defs` puts it together for a home, so that tests and `mdi run` use the same as the UI.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import dagster as dg

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import load_settings, with_changes
from mdi_pipeline.orchestration.asset import step_asset
from mdi_pipeline.orchestration.automation.freshness import newest_crawl_date
from mdi_pipeline.orchestration.automation.schedules import daily_crawl, freshness, missing_dates
from mdi_pipeline.orchestration.automation.sensors import failed_checks, failed_runs, new_dates, stale_changes
from mdi_pipeline.orchestration.jobs import ALL_CRAWLS_JOB, CRAWL_DATE_JOB
from mdi_pipeline.orchestration.range_job import crawl_dates_job
from mdi_pipeline.orchestration.resources import Database, PipelineResource, Progress, Unwatched, ViewsResource
from mdi_pipeline.orchestration.steps.registry import STEPS

NONE: Mapping[str, object] = MappingProxyType({})
"""The settings of the home, all of them."""


def build_defs(
    home_path: Path | None = None, progress: Progress | None = None, overrides: Mapping[str, object] = NONE
) -> dg.Definitions:
    """The code location for a home: the one given, else `MDI_HOME`, else `./mdi_home`.

    `progress` is told of steps; `overrides` are settings of one run, by which its code versions are told.
    """
    home = Home.at(home_path)
    settings = with_changes(load_settings(home), **overrides)
    return dg.Definitions(
        assets=[step_asset(step, settings) for step in STEPS],
        asset_checks=[newest_crawl_date],
        jobs=[CRAWL_DATE_JOB, ALL_CRAWLS_JOB, crawl_dates_job()],
        schedules=[daily_crawl, missing_dates, freshness],
        sensors=[failed_runs, failed_checks, new_dates, stale_changes],
        resources={
            "pipeline": PipelineResource(home=str(home.path)),
            "progress": progress or Unwatched(),
            "views": ViewsResource(database=Database(database=str(home.database))),
        },
        executor=dg.in_process_executor,
    )

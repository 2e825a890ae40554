"""Whether the newest crawl date is recent: of the crawl itself, whenever it was made.

Dagster's own freshness policies speak of when an asset was last made: a backfill of old dates would pass.
Dagster's concept: https://docs.dagster.io/guides/test/asset-checks
"""

from datetime import UTC, date, datetime, timedelta

import dagster as dg

from mdi_pipeline.home.folder import Home, HomeError
from mdi_pipeline.home.settings import load_settings
from mdi_pipeline.home.sources import open_source
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.orchestration.resources import PipelineResource

OF_A_LIVE_HUB = ("hub", "archive")
"""Sources that have a new date every day."""

LATEST = timedelta(days=1)
"""How old the newest finished crawl date of such a source may be."""


@dg.asset_check(
    asset="model_history",  # of no crawl date: a run of one would judge it too
    name="newest_crawl_date_is_recent",
    description="Is the newest crawl date that the source can give in the lake, and its report made?",
)
def newest_crawl_date(pipeline: PipelineResource) -> dg.AssetCheckResult:
    """Warn where the newest finished crawl date is older than the newest that the source gives."""
    home = Home.at(pipeline.home)
    newest = _newest_finished(home)
    try:
        expected = _expected(home, datetime.now(UTC).date())
    except (SourceError, HomeError) as error:
        return _result(passed=False, line=f"the source cannot be asked ({error})")
    passed = expected is None or (newest is not None and newest >= expected)
    return _result(passed=passed, line=f"newest finished crawl date: {newest or 'none'}; expected: {expected or 'any'}")


def _newest_finished(home: Home) -> date | None:
    return next((day for day in reversed(home.lake.dates("model_snapshots")) if home.reports.stamp(day)), None)


def _expected(home: Home, today: date) -> date | None:
    settings = load_settings(home)
    if settings.source in OF_A_LIVE_HUB:
        return today - LATEST
    dates = open_source(home, settings).dates()
    return dates[-1] if dates else None


def _result(*, passed: bool, line: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=passed, description=line, severity=dg.AssetCheckSeverity.WARN)

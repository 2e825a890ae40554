"""Whether the newest crawl date is recent."""

from datetime import date

import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import change_settings
from mdi_pipeline.lake.reports import Page
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.orchestration.automation.conftest import DAYS


@pytest.mark.parametrize(
    ("source", "crawled", "passed", "line"),
    [
        ("files", DAYS, True, "newest finished crawl date: 2026-08-15; expected: 2026-08-15"),
        ("files", DAYS[:2], False, "newest finished crawl date: 2026-08-08; expected: 2026-08-15"),
        ("files", [], False, "newest finished crawl date: none; expected: 2026-08-15"),
        ("hub", DAYS, False, "newest finished crawl date: 2026-08-15; expected: "),
    ],
)
def test_d6_freshness_speaks_of_the_newest_crawl_date(
    home: Home, source: str, crawled: list[date], passed: bool, line: str
) -> None:
    """Whatever was made last: a backfill of old dates makes no home fresh."""
    change_settings(home, lambda _: {"source": source})
    for day in crawled:
        home.lake.write(TABLES["model_snapshots"], day, TABLES["model_snapshots"].empty(), {"by": "a"}, {})
        home.reports.write(day, Page("<html><head></head></html>", lambda folder: folder.mkdir()), {"by": "a"}, {})
    job = build_defs(home.path).resolve_schedule_def("freshness").job_name
    with open_instance(home) as instance:
        ran = build_defs(home.path).resolve_job_def(job).execute_in_process(instance=instance)
    (check,) = ran.get_asset_check_evaluations()
    assert check.passed is passed
    assert (check.description or "").startswith(line)
    assert check.partition is None

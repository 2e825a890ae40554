"""What is computed again, counted: for a new crawl date, an old snapshot rewritten, and a changed window."""

from datetime import date
from pathlib import Path

import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, save_settings, with_changes
from mdi_pipeline.orchestration.resources import Unwatched
from mdi_pipeline.orchestration.run import fill, fill_history
from mdi_pipeline.orchestration.steps.history import LOOKING_BACK
from mdi_pipeline.orchestration.steps.registry import STEPS
from mdi_pipeline_tests.pipeline import write_crawl

FIRST, SECOND, THIRD = (date(2026, 8, day) for day in (8, 15, 22))
DAILY = {asset for step in STEPS if not step.across_dates for asset in step.assets}


def made(home: Home, *days: date) -> list[set[str]]:
    """What a run of each date computed, and what was computed for all crawls at the end."""
    runs = [fill(home, day, Unwatched(), force=False) for day in days]
    runs.append(fill_history(home, Unwatched(), force=False))
    for run in runs:
        assert not run.errors
        assert not set(run.made) & set(run.reused)
        assert set(run.made) | set(run.reused) == (DAILY if run.crawl_date else {"model_history"})
    return [set(run.made) for run in runs]


def following(*changed: str) -> set[str]:
    """The assets of the steps that read any of some tables, directly or by way of others."""
    tables, assets = set(changed), set()
    for step in STEPS:
        if not step.across_dates and tables & {*step.reads, *step.writes}:
            tables |= {*step.writes}
            assets |= {*step.assets}
    return assets | {"report"}


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_exactly_what_hangs_on_a_change_is_computed_again(tmp_path: Path) -> None:
    crawls, home = tmp_path / "crawls", Home(tmp_path / "home")
    settings = Settings(source="files", path=str(crawls), first_date=FIRST)
    save_settings(home, settings)
    for day, size in {FIRST: 120, SECOND: 124, THIRD: 128}.items():
        write_crawl(crawls, day, size)
    assert made(home, FIRST, SECOND) == [DAILY, DAILY, {"model_history"}]
    assert made(home) == [set()]

    # A new crawl date: all of that date, nothing of the others.
    assert made(home, SECOND, THIRD) == [set(), DAILY, {"model_history"}]

    # An old snapshot rewritten: all of that date, and of later ones what looks back at it.
    write_crawl(crawls, FIRST, 122)
    # What comes of it there is as it was, so that it goes no further: no report is made again.
    looking_back = {asset for step in LOOKING_BACK for asset in step.assets}
    assert made(home, FIRST, SECOND, THIRD) == [DAILY, looking_back, {"survivorship"}, {"model_history"}]

    # Another window: scores and what follows from them, and nothing of the crawl, its lineage and its network.
    save_settings(home, with_changes(settings, window_days=45))
    hang_on_it = following(*(table for step in STEPS if "window_days" in step.settings for table in step.writes))
    assert hang_on_it == {
        asset for step in STEPS for asset in step.assets if step.group in {"disruption", "statistics"}
    } - {"model_history"} | {"report"}
    assert made(home, THIRD) == [hang_on_it, {"model_history"}]

"""Dagster's own UI on a home, as a browser shows it. `MDI_SCREENSHOTS=DIR` keeps what it shows."""

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdi_pipeline.settings import Home
from mdi_pipeline.tables import TABLES
from mdi_pipeline_tests.chromium import dumped_dom, needs_chromium
from mdi_pipeline_tests.dagster_servers import served

pytestmark = [pytest.mark.slow, needs_chromium]

SCREENSHOTS = os.environ.get("MDI_SCREENSHOTS")

PAGES = {
    "graph": ("/asset-groups", ["hub", "lineage", "network", "disruption", "statistics"]),
    "columns": (
        "/assets/disruption_scores?view=overview",
        ["Row count", "non-nullable", *(column.name for column in TABLES["disruption_scores"].columns)],
    ),
    "partitions": (
        "/assets/disruption_scores?view=partitions",
        ["Materialized (2)", "Failed (0)", "2026-08-30"],
    ),
    "checks": (
        "/assets/disruption_scores?view=checks",
        ["Checks (2)", "counts_agree_with_edges", "all agree with the edges", "blocking", "Passed", "2026-08-31"],
    ),
    "automation": (
        "/automation",
        ["daily_crawl", "missing_dates", "failed_runs", "failed_checks", "stale_changes"],
    ),
}
"""Pages by the name of their picture: where each is, and what must stand there."""


@pytest.fixture(scope="module")
def address(demo_home: Path) -> Iterator[str]:
    with served(Home(demo_home), daemon=False) as address:
        yield address


def shown(url: str, folder: Path, picture: Path) -> str:
    """The text of a page once it has settled; a picture of it besides."""
    dom = dumped_dom(
        url,
        folder / "profile",
        "--hide-scrollbars",
        "--window-size=1400,800",
        "--virtual-time-budget=20000",
        f"--screenshot={picture}",
    )
    without_code = re.sub(r"<(script|style)\b.*?</\1>", "", dom, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "\n", without_code))


@pytest.mark.parametrize("name", PAGES)
def test_the_ui_shows(name: str, address: str, tmp_path: Path) -> None:
    path, wanted = PAGES[name]
    picture = Path(SCREENSHOTS or tmp_path).resolve() / f"dagster-{name}.png"
    text = shown(address + path, tmp_path, picture)
    assert [words for words in wanted if words not in text] == []
    assert picture.stat().st_size > 10_000


def test_the_numbers_of_a_partition_stand_beside_it(address: str, tmp_path: Path) -> None:
    page = f"{address}/assets/disruption_scores?view=partitions&partition=2026-08-31"
    text = shown(page, tmp_path, tmp_path / "numbers.png")
    assert [words for words in ("share disruptive, 90 days", "dagster/row_count", "reused") if words not in text] == []

"""Dagster's own UI on a home, as a browser shows it. `MDI_SCREENSHOTS=DIR` keeps what it shows."""

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.jobs import JOB
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.chromium import Browser, browser, needs_driver
from mdi_pipeline_tests.dagster_servers import served

pytestmark = [pytest.mark.slow, needs_driver]

SCREENSHOTS = os.environ.get("MDI_SCREENSHOTS")
BEFORE, DAY = date(2026, 8, 30), date(2026, 8, 31)
GROUPS = ["hub", "lineage", "network", "disruption", "statistics"]


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose newest crawl holds half of the models of the one before: a run of it was stopped."""
    home = Home(tmp_path_factory.mktemp("ui") / "home")
    shutil.copytree(demo_home, home.path)
    snapshots = home.lake.read("model_snapshots", BEFORE)
    twice = pl.concat([snapshots, snapshots.with_columns(model_id=pl.col("model_id") + "-again")])
    home.lake.write(TABLES["model_snapshots"], BEFORE, twice, {"by": "more"}, {})
    with open_instance(home) as instance:
        stopped = (
            build_defs(home.path)
            .resolve_job_def(JOB)
            .execute_in_process(instance=instance, partition_key=str(DAY), raise_on_error=False)
        )
    assert not stopped.success
    assert {event.asset_key for event in stopped.get_asset_materialization_events()} == {
        dg.AssetKey("model_snapshots"),
        dg.AssetKey("crawl_manifest"),
    }
    return home


@pytest.fixture(scope="module")
def address(home: Home) -> Iterator[str]:
    with served(home) as ui:
        yield ui.address


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as window:
        yield window


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where pictures go."""
    return Path(SCREENSHOTS or tmp_path).resolve()


def keep(window: Browser, folder: Path, name: str) -> None:
    """Keep a picture of what is shown, with `DIR` in the place of where this machine keeps the home."""
    window.run(
        "const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);"
        "while (texts.nextNode())"
        " texts.currentNode.data = texts.currentNode.data.replace(/\\/\\S*\\/lake\\//, 'DIR/lake/')"
    )
    picture = folder / f"dagster-{name}.png"
    window.picture(picture)
    assert picture.stat().st_size > 10_000


def test_the_asset_graph_runs_from_the_hub_to_the_statistics(window: Browser, address: str, folder: Path) -> None:
    window.open(f"{address}/asset-groups")
    window.wait_for(*GROUPS)
    in_graph = "return document.querySelectorAll('svg foreignObject').length"
    window.wait_until(lambda: window.run(in_graph) >= len(GROUPS), "the groups in the graph")
    keep(window, folder, "graph")
    left = [window.place(group).left for group in ("hub", "lineage", "disruption", "statistics")]
    assert left == sorted(left)
    assert window.place("network").left == window.place("disruption").left
    window.open(f"{address}/asset-groups?expanded=global@global:network")
    window.wait_for("lineage_network", "network_structure", "network_summary")


def test_the_catalog_lists_every_asset(window: Browser, address: str, folder: Path) -> None:
    window.open(f"{address}/assets")
    window.wait_for("crawl_manifest", "disruption_scores", "findings", "lineage_edges", "partitions")
    keep(window, folder, "catalog")


def test_columns_are_described(window: Browser, address: str, folder: Path) -> None:
    window.open(f"{address}/assets/disruption_scores?view=overview")
    columns = TABLES["disruption_scores"].columns
    window.wait_for("Row count", "non-nullable", columns[2].meaning, *(column.name for column in columns))
    keep(window, folder, "columns")


def test_numbers_are_plotted_over_partitions(window: Browser, address: str, folder: Path) -> None:
    window.open(f"{address}/assets/models?view=overview")
    window.wait_for("Row count", "share with a parent")
    window.click("Plots", shows="When graphing values by partition")
    n_plots = "return document.querySelectorAll('canvas').length"
    assert window.run(n_plots) == len(["dagster/row_count", "models", "stubs", "share with a parent"])
    window.run("[...document.querySelectorAll('canvas')].at(-1).scrollIntoView({block: 'end'})")
    keep(window, folder, "plots")


def test_partitions_show_their_numbers_and_their_figure(window: Browser, address: str, folder: Path) -> None:
    window.open(f"{address}/assets/score_summary?view=partitions&partition={BEFORE}")
    window.wait_for("Materialized (1)", "Failed (1)", str(DAY), "built_upon: share_positive")
    shown = f"const i = document.querySelector('img[src^=\"/mdi/reports/{BEFORE}/figures/\"]');"
    drawn = f"{shown} return i !== null && i.complete && i.naturalWidth > 300"
    window.wait_until(lambda: window.run(drawn), "the figure of the report")
    keep(window, folder, "figure")


def test_a_check_that_stopped_a_run_says_why_in_one_line(window: Browser, address: str, folder: Path) -> None:
    window.open(f"{address}/assets/model_snapshots?view=checks&checkDetail=size_against_last_crawl")
    reason = f"2,000 models, 50.0% of the 4,000 of {BEFORE}; at least 95% wanted"
    window.wait_for("Checks (2)", "blocking", "Failed", reason, str(DAY))
    assert window.place(reason).height < 30
    keep(window, folder, "checks")


def test_automation_is_listed(window: Browser, address: str, folder: Path) -> None:
    window.open(f"{address}/automation")
    window.wait_for("daily_crawl", "missing_dates", "failed_runs", "failed_checks", "stale_changes")
    keep(window, folder, "automation")

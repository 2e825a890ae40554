"""What Dagster's UI is given of each asset: numbers to plot, pictures, column lineage."""

from __future__ import annotations

import base64
import re
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.metadata import last_materialisation
from mdi_pipeline.report.figures.catalogue import PICTURES
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.pipeline import mdi, read

DAYS = (date(2026, 8, 30), date(2026, 8, 31))
NOTHING_TO_SHOW = {"score_regression"}
"""Pictures that a simulated Hub of this size has too few models for."""

Shown = dict[tuple[str, date], dict[str, object]]


def shown_of(home: Path, assets: list[str]) -> Shown:
    """The metadata of the newest materialisation of each asset's crawl dates."""
    found: Shown = {}
    with open_instance(Home(home)) as instance:
        for asset in assets:
            for day in DAYS:
                materialisation = last_materialisation(instance, asset, str(day))
                assert materialisation, (asset, day)
                found[asset, day] = {name: entry.value for name, entry in materialisation.metadata.items()}
    return found


PLOTTED = {
    "model_snapshots": ("models",),
    "models": ("models", "stubs", "share with a parent"),
    "lineage_edges": ("edges", "finetune edges"),
    "disruption_scores": ("scored, 90 days", "share disruptive, 90 days", "mean index, 90 days"),
    "network_summary": ("n_models", "n_edges", "share_with_parent"),
    "score_summary": ("built_upon: share_positive", "scored: mean"),
    "findings": ("undecided",),
}


def test_numbers_are_plotted_over_the_crawl_dates(demo_home: Path) -> None:
    shown = shown_of(demo_home, list(PLOTTED))
    for (asset, day), metadata in shown.items():
        numbers = {name: metadata[name] for name in PLOTTED[asset]}
        assert all(isinstance(value, int | float) and not isinstance(value, bool) for value in numbers.values()), asset
        assert metadata["dagster/row_count"] == read(demo_home, asset, day).height
    models = read(demo_home, "models", DAYS[0]).filter("in_snapshot")
    assert shown["models", DAYS[0]]["share with a parent"] == pytest.approx((models["n_parents"] > 0).mean())
    scored = read(demo_home, "disruption_scores", DAYS[1]).filter(window_days=90, status="scored")
    assert shown["disruption_scores", DAYS[1]]["mean index, 90 days"] == pytest.approx(scored["mdi"].mean())
    assert shown["disruption_scores", DAYS[1]]["share disruptive, 90 days"] == pytest.approx((scored["mdi"] > 0).mean())


def test_each_pictured_asset_carries_its_picture_in_itself(demo_home: Path) -> None:
    shown = shown_of(demo_home, [*PICTURES, "report"])
    without = {asset for (asset, _), metadata in shown.items() if "figure" not in metadata}
    assert without <= NOTHING_TO_SHOW
    for (asset, _), metadata in shown.items():
        if asset in without:
            continue
        found = re.search(r"!\[(.+)\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)$", str(metadata["figure"]))
        assert found, asset
        svg = base64.b64decode(found.group(2)).decode()
        assert svg.startswith("<svg")
        assert "currentColor" not in svg
        assert len(svg) < 60_000
    assert "simulated" in str(shown["report", DAYS[0]]["figure"])


def test_what_is_left_alone_keeps_its_picture(demo_home: Path) -> None:
    before = shown_of(demo_home, ["score_summary", "report"])
    Home(demo_home).lake.file("attention_gaps", DAYS[1]).unlink()  # so that there is something to do
    assert mdi(demo_home, "run", "--crawl-date", str(DAYS[1])).exit_code == 0
    after = shown_of(demo_home, ["score_summary", "report"])
    for asset in ("score_summary", "report"):
        assert after[asset, DAYS[1]]["reused"] is True
        assert after[asset, DAYS[1]]["figure"] == before[asset, DAYS[1]]["figure"]


def test_columns_say_where_they_come_from(demo_home: Path) -> None:
    shown = shown_of(demo_home, ["disruption_scores"])["disruption_scores", DAYS[0]]["dagster/column_lineage"]
    assert isinstance(shown, dg.TableColumnLineage)
    assert set(shown.deps_by_column) == {column.name for column in TABLES["disruption_scores"].columns}
    status = {(dep.asset_key.to_user_string(), dep.column_name) for dep in shown.deps_by_column["status"]}
    assert ("crawl_manifest", "as_of") in status
    assert ("lineage_edges", "parent_id") in status
    assert not shown.deps_by_column["window_days"]

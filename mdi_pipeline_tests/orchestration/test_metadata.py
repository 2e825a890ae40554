"""What Dagster's UI is given of each asset: numbers to plot, pictures, column lineage."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.metadata import last_materialisation
from mdi_pipeline.report.figures.catalogue import PICTURES
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.pipeline import read

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


def test_d7_each_pictured_asset_carries_a_link_to_its_figure_of_the_report(demo_home: Path) -> None:
    """By link: Dagster keeps what stands in a materialisation three times over, of each date."""
    shown = shown_of(demo_home, [*PICTURES, "report"])
    for (asset, day), metadata in shown.items():
        assert sum(len(str(value)) for value in metadata.values()) < 20_000
        (address,) = re.findall(r"!\[.+\]\(/mdi/reports/(.+)\)", str(metadata["figure"]))
        file = Home(demo_home).path / "reports" / address
        assert file.parent == Home(demo_home).reports.figures(day)
        if asset in NOTHING_TO_SHOW:
            assert not file.exists()
        else:
            svg = file.read_text()
            assert svg.startswith("<svg")
            assert "currentColor" not in svg
    assert f"(/mdi/reports/{DAYS[0]}/report.html)" in str(shown["report", DAYS[0]]["figure"])


def test_columns_say_where_they_come_from(demo_home: Path) -> None:
    graph = build_defs(demo_home).resolve_asset_graph()
    shown = graph.get(dg.AssetKey("disruption_scores")).metadata["dagster/column_lineage"]
    assert isinstance(shown, dg.TableColumnLineage)
    assert set(shown.deps_by_column) == {column.name for column in TABLES["disruption_scores"].columns}
    status = {(dep.asset_key.to_user_string(), dep.column_name) for dep in shown.deps_by_column["status"]}
    assert ("crawl_manifest", "as_of") in status
    assert ("lineage_edges", "parent_id") in status
    assert not shown.deps_by_column["window_days"]

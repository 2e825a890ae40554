"""The code location: its assets, their order, and what launches them."""

from datetime import date

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, save_settings
from mdi_pipeline.orchestration.crawl_dates import CRAWL_DATES
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.steps.registry import STEPS
from mdi_pipeline.tables.catalogue import TABLES

GROUPS = ["hub", "lineage", "network", "disruption", "statistics"]


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    home = Home(tmp_path_factory.mktemp("home"))
    save_settings(home, Settings(first_date=date(2026, 8, 1)))
    return build_defs(home.path)


def test_every_table_has_an_asset_and_a_check(defs: dg.Definitions) -> None:
    written = {table for step in STEPS for table in step.writes}
    assert written == {*TABLES, "report"}
    graph = defs.resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert keys == (set(TABLES) - {"network_edges"}) | {"lineage_network", "report"}
    checked = {check.asset_key.to_user_string() for check in graph.asset_check_keys}
    assert checked == keys - {"report"}


def test_groups_follow_the_flow_of_data(defs: dg.Definitions) -> None:
    """No asset depends on one of a later group; the order of groups is the design's."""
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description
        for parent in node.parent_keys:
            assert GROUPS.index(graph.get(parent).group_name) <= GROUPS.index(node.group_name), (key, parent)


def test_d6_assets_are_partitioned_by_the_crawl_dates_that_there_are(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    partitioned = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def == CRAWL_DATES}
    assert partitioned == graph.get_all_asset_keys() - {dg.AssetKey("model_history")}


def test_only_what_spans_all_crawls_is_not_partitioned(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    whole = {key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).partitions_def is None}
    assert whole == {"model_history"}


def test_each_asset_describes_its_columns(defs: dg.Definitions) -> None:
    schema = defs.resolve_asset_graph().get(dg.AssetKey("models")).metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == [column.name for column in TABLES["models"].columns]
    assert all(column.description for column in schema.columns)


def test_the_code_location_loads(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)
    assert defs.resolve_job_def("crawl_date").partitions_def is not None


def test_the_job_of_a_date_leaves_what_spans_all_dates_alone(defs: dg.Definitions) -> None:
    job = defs.resolve_job_def("crawl_date")
    assert "model_history" not in {key.to_user_string() for key in job.asset_layer.selected_asset_keys}

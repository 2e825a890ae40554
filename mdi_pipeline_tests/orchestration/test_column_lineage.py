"""Column lineage as it is shown is what a step is given: it is named in full, and nothing else can be read."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SETTINGS, load_settings
from mdi_pipeline.lake.reports import Page
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.metadata import column_lineage
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import Step
from mdi_pipeline.orchestration.steps.registry import STEPS
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.origins import ORIGINS, REST, columns_read

COMPUTING = [step for step in STEPS if step.reads]
LAST = date(2026, 8, 31)


def partition_of(home: Path) -> Partition:
    return Partition(Home(home), load_settings(Home(home)), LAST)


def test_the_origins_of_columns_are_columns_of_the_tables_that_their_step_reads() -> None:
    for step in STEPS:
        for table in set(step.writes) & set(TABLES):
            for source, names in columns_read(table).items():
                assert source in step.reads, (step.name, source)
                assert set(names) <= {column.name for column in TABLES[source].columns}, (step.name, source)
    for table, declared in ORIGINS.items():
        assert set(declared) - {REST} <= {column.name for column in TABLES[table].columns}, table


def test_every_input_of_an_asset_is_the_origin_of_some_column() -> None:
    graph = build_defs().resolve_asset_graph()
    for step in STEPS:
        for asset, names in step.assets.items():
            tables = [name for name in names if name in TABLES]
            named = {dep.asset_key for deps in column_lineage(tables).deps_by_column.values() for dep in deps}
            parents = {key for key in graph.get_all_asset_keys() if key.to_user_string() == asset}
            assert named <= graph.get(next(iter(parents))).parent_keys, asset


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_sees_the_columns_that_it_declares_and_no_other(step: Step, demo_home: Path) -> None:
    inputs = step.inputs(partition_of(demo_home))
    for table in TABLES:
        if table in step.reads:
            assert inputs.scan(table).collect_schema().names() == list(step.columns[table])
        else:
            with pytest.raises(KeyError):
                inputs.scan(table)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_sees_the_settings_that_it_names_and_no_other(step: Step, demo_home: Path) -> None:
    seen = vars(step.inputs(partition_of(demo_home)).settings)
    assert set(seen) == set(step.settings)
    assert all(value == getattr(load_settings(Home(demo_home)), name) for name, value in seen.items())
    assert set(step.settings) <= set(SETTINGS)


@pytest.mark.slow
@pytest.mark.parametrize("step", COMPUTING, ids=lambda step: step.name)
def test_what_a_step_makes_of_what_it_declares_is_what_the_lake_holds(step: Step, demo_home: Path) -> None:
    partition = partition_of(demo_home)
    made = step.compute(step.inputs(partition))
    for name in step.writes:
        content = made[name]
        if isinstance(content, Page):
            marked = partition.home.reports.page(LAST).read_text()
            assert re.sub(r'<meta name="mdi-made-from"[^\n]*\n', "", marked, count=1) == content.html
        else:
            assert TABLES[name].conform(content).equals(partition.read(name)), name


def test_a_column_that_an_earlier_version_did_not_store_is_null(demo_home: Path, tmp_path: Path) -> None:
    step = next(step for step in STEPS if step.name == "models")
    partition = partition_of(demo_home)
    inputs = step.inputs(partition)
    file = tmp_path / "lake" / "model_snapshots" / f"crawl_date={LAST}" / "part-0.parquet"
    file.parent.mkdir(parents=True)
    partition.read("model_snapshots").drop("model_type").write_parquet(file)
    older = replace(inputs, lake=Home(tmp_path).lake)
    assert (
        older.read("model_snapshots")["model_type"].null_count()
        == pl.scan_parquet(file).select(pl.len()).collect().item()
    )
    assert older.read("model_snapshots", ["model_id"]).equals(inputs.read("model_snapshots", ["model_id"]))

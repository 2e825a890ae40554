"""Column lineage as it is shown: every column that a step reads is named, and none that is not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import load_settings
from mdi_pipeline.orchestration.definitions import STEPS, build_defs
from mdi_pipeline.orchestration.metadata import column_lineage
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import Step
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.origins import ORIGINS, REST, origins_of

FOLLOWING = [step for step in STEPS if step.reads]
LAST = date(2026, 8, 31)


@dataclass(frozen=True)
class Blinded(Partition):
    """A crawl date of which a step sees what its columns are said to come from, and nulls in place of the rest."""

    shown: frozenset[tuple[str, str]] = frozenset()

    def read(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        frame = super().read(table, columns)
        hidden = [name for name in frame.columns if (table, name) not in self.shown]
        return frame.with_columns(pl.lit(None, dtype=frame.schema[name]).alias(name) for name in hidden)

    def scan(self, table: str) -> pl.LazyFrame:
        return self.read(table).lazy()


def said_of(step: Step) -> frozenset[tuple[str, str]]:
    """All that the columns of a step's tables are said to come from."""
    return frozenset(
        (source, name)
        for table in step.writes
        for column in TABLES[table].columns
        for source, names in origins_of(table, column.name).items()
        for name in names
    )


def test_what_is_named_is_there_and_is_read() -> None:
    for step in STEPS:
        assert {table for table, _ in said_of(step)} <= {*step.reads, *step.reads_all}, step.name
        for table, column in said_of(step):
            assert column in {found.name for found in TABLES[table].columns}, (step.name, table, column)
    for table, declared in ORIGINS.items():
        assert set(declared) - {REST} <= {column.name for column in TABLES[table].columns}, table


def test_every_input_of_an_asset_is_the_origin_of_some_column() -> None:
    graph = build_defs().resolve_asset_graph()
    for step in STEPS:
        for asset, tables in step.assets.items():
            named = {dep.asset_key for deps in column_lineage(tables).deps_by_column.values() for dep in deps}
            parents = {key for key in graph.get_all_asset_keys() if key.to_user_string() == asset}
            assert named <= graph.get(next(iter(parents))).parent_keys, asset


@pytest.mark.slow
@pytest.mark.parametrize("step", FOLLOWING, ids=lambda step: step.name)
def test_a_step_needs_no_column_that_is_not_named(step: Step, demo_home: Path) -> None:
    home = Home(demo_home)
    seeing = Partition(home, load_settings(home), LAST)
    blinded = Blinded(home, load_settings(home), LAST, shown=said_of(step))
    made = step.compute(blinded)
    for table in step.writes:
        assert TABLES[table].conform(made[table]).equals(seeing.read(table)), table

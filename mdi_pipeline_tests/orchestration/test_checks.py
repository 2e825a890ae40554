"""Every check on good data, and on data that is bad in just its way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.disruption.scores import score_models
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings
from mdi_pipeline.orchestration.checks import CHECKS, checks_of
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.statistics.summary import score_summary
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.made_up import AS_OF, made_up_crawl

BEFORE, DAY = date(2026, 8, 15), date(2026, 8, 22)
MADE_FROM = {"by": "a test"}
Tables = dict[str, pl.DataFrame]


def snapshots(n: int) -> pl.DataFrame:
    table = TABLES["model_snapshots"]
    return table.conform(
        pl.concat([pl.DataFrame({"model_id": [f"a/{i:04}" for i in range(n)]}), table.empty()], how="diagonal")
    )


@pytest.fixture(scope="module")
def sound() -> Tables:
    """Tables of a crawl that pass every check."""
    tables = made_up_crawl(400, seed=1)
    scores = score_models(tables["models"], tables["lineage_edges"], AS_OF, [90])
    return tables | {
        "model_snapshots": snapshots(100),
        "disruption_scores": scores,
        "score_summary": score_summary(scored_models(scores, tables["models"], 90), 90, n_draws=20),
    }


@pytest.fixture
def partition(sound: Tables, tmp_path: Path) -> Partition:
    home = Home(tmp_path)
    home.lake.write(TABLES["model_snapshots"], BEFORE, snapshots(100), MADE_FROM, {})
    for table, frame in sound.items():
        home.lake.write(TABLES[table], DAY, frame, MADE_FROM, {})
    return Partition(home, Settings(phases=("hub", "tag", "card", "config")), DAY)


def outcome(name: str, partition: Partition, tables: Tables) -> tuple[bool, str]:
    check = next(check for check in CHECKS if check.name == name)
    result = check.result(check.table, check.judge(partition, tables))
    assert result.description
    assert "\n" not in result.description
    return result.passed, result.description


@pytest.mark.parametrize("name", [check.name for check in CHECKS])
def test_sound_data_passes(name: str, partition: Partition, sound: Tables) -> None:
    passed, line = outcome(name, partition, sound)
    assert passed, line


def changed(table: str, **columns: pl.Expr) -> Callable[[Tables], Tables]:
    return lambda tables: tables | {table: tables[table].with_columns(**columns)}


def _guessing_badly(tables: Tables) -> Tables:
    """A rule that one half of the authors let in, and that is wrong half of the time among the others."""
    rule = {"phase": "config", "relation": "adapter", "rule": "peft_config", "n": 40}
    rows = [
        rule | {"measure": "gate_precision", "estimate": 0.99, "low": 0.95, "n_authors": 60},
        rule | {"measure": "precision", "estimate": 0.5, "low": 0.4, "n_authors": 60},
    ]
    return tables | {
        "lineage_quality": pl.concat([tables["lineage_quality"], pl.DataFrame(rows)], how="diagonal_relaxed")
    }


BAD: dict[str, tuple[Callable[[Tables], Tables], str]] = {
    "crawl_complete": (
        changed("crawl_manifest", complete=pl.lit(value=False)),
        "the crawl ended before its source did",
    ),
    "size_against_last_crawl": (
        lambda tables: tables | {"model_snapshots": snapshots(94)},
        "94 models, 94.0% of the 100 of 2026-08-15; at least 95% wanted",
    ),
    "parse_coverage": (
        changed("models", n_parents=pl.lit(0, dtype=pl.Int64)),
        "0.0% of the models have a parent; 5% to 95% wanted",
    ),
    "stub_share": (
        changed("models", in_snapshot=pl.int_range(pl.len()) % 4 == 0),
        "75.0% of the nodes are known by name only; at most 50% wanted",
    ),
    "unresolved_share": (
        changed("lineage_edges", resolution=pl.lit("unresolved")),
        "100.0% of the edges lead to a parent that nothing else knows; at most 25% wanted",
    ),
    "masked_precision": (_guessing_badly, "50.0% of 40 guesses right by 1 admitted rules"),
    "counts_agree_with_edges": (
        changed("disruption_scores", n_i=pl.col("n_i") + pl.int_range(pl.len()).eq(0).cast(pl.Int64)),
        "children in windows of [90] days do not agree with the edges",
    ),
    "shares_sum_to_one": (
        changed(
            "score_summary",
            estimate=pl.when(population="scored", index="mdi", measure="share_zero")
            .then(pl.col("estimate") + 0.01)
            .otherwise("estimate"),
        ),
        "1 of ",
    ),
}


def test_every_check_is_shown_failing() -> None:
    assert set(BAD) == {check.name for check in CHECKS}


@pytest.mark.parametrize("name", BAD)
def test_bad_data_fails_with_its_reason(name: str, partition: Partition, sound: Tables) -> None:
    spoil, reason = BAD[name]
    passed, line = outcome(name, partition, spoil(sound))
    assert not passed
    assert line.startswith(reason)


def test_the_first_crawl_has_nothing_to_be_smaller_than(sound: Tables, tmp_path: Path) -> None:
    partition = Partition(Home(tmp_path), Settings(), DAY)
    assert outcome("size_against_last_crawl", partition, sound) == (
        True,
        "100 models; no earlier crawl to compare with",
    )


def landed(partition: Partition, table: str, frame: pl.DataFrame) -> tuple[bool, str]:
    """What the check of validity says of a file that did not come by way of the lake."""
    frame.write_parquet(partition.lake.file(table, DAY))
    check = checks_of([table])[0]
    result = check.result(table, check.judge(partition, {table: partition.read(table)}))
    return result.passed, result.description


INVALID: dict[str, tuple[str, Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "a key that repeats": ("models", lambda frame: pl.concat([frame, frame.head(1)]), "primary_key in 2 rows"),
    "a column that is gone": ("models", lambda frame: frame.drop("likes"), "likes"),
    "a loop": (
        "lineage_edges",
        lambda frame: frame.with_columns(
            parent_id=pl.when(pl.int_range(pl.len()) == 0).then("child_id").otherwise("parent_id")
        ),
        "no_self_loop in 1 rows",
    ),
    "an index above 1": (
        "disruption_scores",
        lambda frame: frame.with_columns(mdi=pl.when(pl.int_range(pl.len()) == 0).then(1.5).otherwise("mdi")),
        "mdi|max in 1 rows",
    ),
    "a word that does not exist": (
        "lineage_edges",
        lambda frame: frame.with_columns(relation=pl.lit("cousin")),
        "relation|",
    ),
}


@pytest.mark.parametrize("case", INVALID)
def test_a_table_that_breaks_its_schema_fails_with_the_rule_and_the_rows(
    case: str, partition: Partition, sound: Tables
) -> None:
    table, spoil, reason = INVALID[case]
    assert landed(partition, table, sound[table])[0]
    passed, line = landed(partition, table, spoil(sound[table]))
    assert not passed
    assert line.startswith(f"{table}: ")
    assert reason in line

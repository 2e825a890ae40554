"""When each model was seen, and what deletions do to the index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.history.models import model_history
from mdi_pipeline.lineage.repositories import IDENTITY
from mdi_pipeline.tables.catalogue import TABLES

DAYS = [date(2026, 8, 1), date(2026, 8, 8), date(2026, 8, 20), date(2026, 8, 22)]
BORN = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = datetime(2026, 8, 22, tzinfo=UTC)
PARENTS = {"tune": "base", "copy": "tune", "copy2": "tune", "rival": "base"}
AGE = {"base": 0, "tune": 10, "copy": 20, "copy2": 25, "rival": 30}


def history_of(crawls: list[set[str]]) -> pl.DataFrame:
    """The history of crawls that held those models; parents that a crawl lacks are stubs of it."""
    models, edges = [], []
    for number, (day, held) in enumerate(zip(DAYS, crawls, strict=False)):
        parents = {PARENTS[model] for model in held if model in PARENTS}
        models += [
            (day, model, model in held, BORN + timedelta(days=AGE[model]) if model in held else None, None, number, 7)
            for model in held | parents
        ]
        edges += [(day, model, PARENTS[model]) for model in held if model in PARENTS]
    schema = {name: TABLES["models"].empty().schema[name] for name in ("model_id", "in_snapshot", "created_at")}
    rest = {"pipeline_tag": pl.String, "downloads": pl.Int64, "likes": pl.Int64}
    return model_history(
        pl.LazyFrame(
            [(row[0], row[1], None, row[3]) for row in models if row[2]],
            schema={
                "crawl_date": pl.Date,
                **{name: TABLES["model_snapshots"].empty().schema[name] for name in IDENTITY},
            },
            orient="row",
        ),
        pl.LazyFrame(models, schema={"crawl_date": pl.Date, **schema, **rest}, orient="row"),
        pl.LazyFrame(
            edges, schema={"crawl_date": pl.Date, "child_id": pl.String, "parent_id": pl.String}, orient="row"
        ),
        DAYS[: len(crawls)],
        AS_OF,
        90,
    )


@given(st.lists(st.sets(st.sampled_from(sorted(AGE))), min_size=1, max_size=len(DAYS)).filter(any))
def test_seen_as_the_definition_says(crawls: list[set[str]]) -> None:
    found = {row["model_id"]: row for row in history_of(crawls).iter_rows(named=True)}
    assert set(found) == set().union(*crawls)
    for model, row in found.items():
        seen = [number for number, held in enumerate(crawls) if model in held]
        assert (row["first_crawl"], row["last_crawl"]) == (DAYS[seen[0]], DAYS[seen[-1]])
        assert row["n_crawls"] == len(seen)
        assert row["n_absences"] == seen[-1] - seen[0] + 1 - len(seen)
        assert row["vanished"] == (seen[-1] != len(crawls) - 1)
        assert (row["downloads_first"], row["downloads_last"]) == (seen[0], seen[-1])


def test_in_the_union_what_was_deleted_still_counts() -> None:
    everyone = set(AGE)
    survivors = history_of([everyone - {"copy", "copy2"}])
    union = history_of([everyone, everyone - {"copy", "copy2"}])
    assert survivors.filter(model_id="tune")["mdi_of_union"].item() == -1.0
    assert union.filter(model_id="tune")["mdi_of_union"].item() == (2 - 0 - 1) / 3
    assert union.filter("vanished")["model_id"].to_list() == ["copy", "copy2"]


def test_a_model_that_became_a_stub_keeps_its_time_in_the_union() -> None:
    found = history_of([set(AGE), set(AGE) - {"tune"}])
    assert found.filter(model_id="tune")["status_of_union"].item() == "scored"


def test_m7_repositories_that_had_one_id_have_a_row_each() -> None:
    """`base` is deleted after `tune` came of it; another repository takes its id, and `copy` comes of that."""
    first, second = BORN, BORN + timedelta(days=60)
    held = [
        (DAYS[0], "base", "1" * 24, first, 5000),
        (DAYS[0], "tune", "2" * 24, first + timedelta(days=1), 7),
        (DAYS[1], "tune", "2" * 24, first + timedelta(days=1), 8),
        (DAYS[2], "base", "3" * 24, second, 3),
        (DAYS[2], "copy", "4" * 24, second + timedelta(days=1), 1),
        (DAYS[3], "base", None, second, 4),
        (DAYS[3], "copy", None, second + timedelta(days=1), 2),
    ]
    edges = [
        *((DAYS[number], "tune", "base") for number in (0, 1)),
        *((DAYS[number], "copy", "base") for number in (2, 3)),
        (DAYS[0], "base", "root"),
        (DAYS[2], "base", "other root"),
    ]
    of = {"model_id": pl.String, "created_at": pl.Datetime("us", "UTC"), "crawl_date": pl.Date}
    counted = {"downloads": pl.Int64, "likes": pl.Int64, "in_snapshot": pl.Boolean, "pipeline_tag": pl.String}
    found = model_history(
        pl.LazyFrame(
            [
                {"crawl_date": day, "model_id": name, "repository_id": own, "created_at": t}
                for day, name, own, t, _ in held
            ],
            schema={**of, "repository_id": pl.String},
        ),
        pl.LazyFrame(
            [
                *(
                    {"crawl_date": day, "model_id": name, "created_at": t, "downloads": n, "in_snapshot": True}
                    for day, name, _, t, n in held
                ),
                {"crawl_date": DAYS[1], "model_id": "base", "in_snapshot": False},
            ],
            schema={**of, **counted},
        ),
        pl.LazyFrame(
            edges, schema={"crawl_date": pl.Date, "child_id": pl.String, "parent_id": pl.String}, orient="row"
        ),
        DAYS,
        AS_OF,
        90,
    ).filter(pl.col("first_crawl").is_not_null())
    columns = (
        "model_id",
        "repository",
        "created_at",
        "first_crawl",
        "last_crawl",
        "n_crawls",
        "n_absences",
        "vanished",
    )
    assert found.select(columns).rows() == [
        ("base", 1, first, DAYS[0], DAYS[0], 1, 0, True),
        ("base", 2, second, DAYS[2], DAYS[3], 2, 0, False),
        ("copy", 1, second + timedelta(days=1), DAYS[2], DAYS[3], 2, 0, False),
        ("tune", 1, first + timedelta(days=1), DAYS[0], DAYS[1], 2, 0, True),
    ]
    assert found.filter(model_id="base").select("downloads_first", "downloads_last", "mdi_of_union").rows() == [
        (5000, 5000, 1.0),
        (3, 4, 1.0),
    ]


@pytest.mark.parametrize("hostile", ["\nbase", "base\n2", "\n", "\n\nrepository 2", "base\n"])
def test_an_id_of_any_characters_is_a_row_of_its_own(hostile: str) -> None:
    """Also beside an id that two repositories had."""
    second = BORN + timedelta(days=60)
    rows = [
        {"crawl_date": day, "model_id": name, "repository_id": own, "created_at": time}
        for day, name, own, time in (
            (DAYS[0], "base", "1" * 24, BORN),
            (DAYS[0], hostile, "2" * 24, BORN),
            (DAYS[1], "base", "3" * 24, second),
            (DAYS[1], hostile, "2" * 24, BORN),
        )
    ]
    of = {"model_id": pl.String, "created_at": pl.Datetime("us", "UTC"), "crawl_date": pl.Date}
    snapshots = pl.LazyFrame(rows, schema={**of, "repository_id": pl.String})
    models = snapshots.with_columns(
        downloads=pl.lit(1, pl.Int64), likes=pl.lit(1, pl.Int64), in_snapshot=True, pipeline_tag=pl.lit(None, pl.String)
    )
    no_edges = pl.LazyFrame(schema={"crawl_date": pl.Date, "child_id": pl.String, "parent_id": pl.String})
    found = model_history(snapshots, models, no_edges, DAYS[:2], second, 90)
    assert sorted(found.select("model_id", "repository").rows()) == sorted([("base", 1), ("base", 2), (hostile, 1)])

"""When each model was seen, and what deletions do to the index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.history.models import model_history
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

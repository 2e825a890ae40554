"""Which crawls saw the same repository under an id."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from mdi_pipeline.lineage.repositories import repositories, taken_again

DAYS = [date(2026, 1, day) for day in range(1, 7)]
T1 = datetime(2025, 1, 5, tzinfo=UTC)
T2 = datetime(2025, 6, 10, tzinfo=UTC)
Seen = tuple[str | None, datetime | None] | None


def snapshots(crawls: list[Seen], *, model_id: str = "a/x") -> pl.LazyFrame:
    rows = [(model_id, *seen, day) for day, seen in zip(DAYS, crawls, strict=False) if seen]
    schema = {
        "model_id": pl.String,
        "repository_id": pl.String,
        "created_at": pl.Datetime("us", "UTC"),
        "crawl_date": pl.Date,
    }
    return pl.LazyFrame(rows, schema=schema, orient="row")


@pytest.mark.parametrize(
    ("crawls", "numbers"),
    [
        ([("1", T1), ("1", T1), ("2", T2)], [1, 1, 2]),
        ([("1", T1), ("2", T1)], [1, 2]),
        ([(None, T1), (None, T2), (None, T2)], [1, 2, 2]),
        ([(None, T1), ("1", T1), ("2", T2), (None, T2), ("3", T2)], [1, 1, 2, 2, 2]),
        ([("1", T1), None, ("2", T2)], [1, 2]),
        ([("1", T1), (None, None), ("2", T2), ("1", T1)], [1, 2, 3]),
        # One repository, however it is described.
        ([("1", T1), ("1", T2)], []),
        ([("1", T1), ("1", None), ("1", T1 + timedelta(milliseconds=3))], []),
        ([(None, None), ("1", T1), (None, T1)], []),
        ([("1", None), (None, T1)], []),
    ],
)
def test_m7_repositories_of_an_id_are_numbered_as_crawls_saw_them(crawls: list[Seen], numbers: list[int]) -> None:
    others = snapshots([("9", T1)] * len(crawls), model_id="a/other")
    found = repositories(pl.concat([snapshots(crawls), others]))
    assert found.sort("crawl_date")["repository"].to_list() == numbers
    assert set(found["model_id"]) <= {"a/x"}


def test_m7_an_id_is_taken_again_where_two_crawls_saw_two_repositories() -> None:
    before = pl.concat([snapshots([("1", T1)]), snapshots([("2", T1)], model_id="a/y")])
    now = pl.concat(
        [snapshots([("3", T2)]), snapshots([("2", T1)], model_id="a/y"), snapshots([("4", T2)], model_id="z")]
    )
    assert taken_again(now, before)["model_id"].to_list() == ["a/x"]
    assert taken_again(before, before).is_empty()

"""Which scores count, how they stand among their like, and the table as a whole."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.disruption.score_status import percentile, status
from mdi_pipeline.disruption.scores import score_models, unranked_scores
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.vocabulary import HUB_FLOOR
from mdi_pipeline_tests.disruption.oracle import oracle

AS_OF = datetime(2025, 6, 1, 12, tzinfo=UTC)
SCORED = {
    "created_at": datetime(2025, 1, 10, tzinfo=UTC),
    "window_days": 90,
    "n_parents": 1,
    "n_i": 0,
    "n_j": 0,
    "n_k": 1,
}


def status_of(**changes: Any) -> str:
    row = SCORED | changes
    schema = {"created_at": pl.Datetime("us", "UTC"), "window_days": pl.Int32}
    frame = pl.DataFrame([row], schema_overrides=schema)
    return frame.select(status(AS_OF)).item()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "scored"),
        ({"n_k": 0, "n_i": 1}, "scored"),
        ({"created_at": None}, "left_censored"),
        ({"created_at": HUB_FLOOR}, "left_censored"),
        ({"created_at": HUB_FLOOR + timedelta(milliseconds=999)}, "left_censored"),
        ({"created_at": HUB_FLOOR + timedelta(seconds=1)}, "scored"),
        ({"n_parents": 0}, "root"),
        ({"created_at": AS_OF - timedelta(days=90)}, "scored"),
        ({"created_at": AS_OF - timedelta(days=90) + timedelta(seconds=1)}, "censored"),
        ({"window_days": 365}, "censored"),
        ({"n_k": 0}, "undefined"),
        # The first that fits wins.
        ({"created_at": None, "n_parents": 0, "n_k": 0}, "left_censored"),
        ({"n_parents": 0, "window_days": 365, "n_k": 0}, "root"),
        ({"window_days": 365, "n_k": 0}, "censored"),
    ],
)
def test_status(changes: dict[str, Any], expected: str) -> None:
    assert status_of(**changes) == expected


rows = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["scored", "scored", "scored", "censored"]),
        "mdi": st.sampled_from([-1.0, -0.5, 0.0, 1.0]),
        "window_days": st.sampled_from([30, 90]),
        "pipeline_tag": st.sampled_from([None, "a", "b"]),
        "created_at": st.sampled_from([datetime(2025, month, 1, tzinfo=UTC) for month in (1, 3, 4)]),
    }
)


@given(st.lists(rows, min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_percentile_is_the_share_below_and_half_of_the_ties(drawn: list[dict[str, Any]]) -> None:
    schema = {"pipeline_tag": pl.String, "created_at": pl.Datetime("us", "UTC")}
    found = pl.DataFrame(drawn, schema_overrides=schema).select(p=percentile())["p"].to_list()
    for row, value in zip(drawn, found, strict=True):
        like = [
            other["mdi"]
            for other in drawn
            if other["status"] == "scored"
            and all(other[column] == row[column] for column in ("window_days", "pipeline_tag"))
            and (other["created_at"].month - 1) // 3 == (row["created_at"].month - 1) // 3
        ]
        below, ties = sum(mdi < row["mdi"] for mdi in like), sum(mdi == row["mdi"] for mdi in like)
        expected = (below + ties / 2) / len(like) * 100 if row["status"] == "scored" else None
        assert value == (None if expected is None else pytest.approx(expected))


def hub() -> tuple[pl.DataFrame, pl.DataFrame, dict[str, datetime | None]]:
    times: dict[str, datetime | None] = {
        f"o/{name}": None if days is None else datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=days)
        for name, days in {"base": 0, "f": 10, "g": 20, "merge": 40, "kid": 45, "late": 150, "stub": None}.items()
    }
    edges = [
        ("f", "base"),
        ("g", "base"),
        ("merge", "f"),
        ("merge", "base"),
        ("kid", "f"),
        ("late", "f"),
        ("g", "stub"),
        ("g", "away"),
    ]
    models = pl.DataFrame(
        {"model_id": list(times), "created_at": list(times.values()), "pipeline_tag": ["text-generation"] * 7},
        schema_overrides={"created_at": pl.Datetime("us", "UTC")},
    )
    return (
        models,
        pl.DataFrame([(f"o/{c}", f"o/{p}") for c, p in edges], schema=["child_id", "parent_id"], orient="row"),
        times,
    )


def test_the_table_holds_every_node_and_window_as_the_definitions_have_them() -> None:
    models, edges, times = hub()
    scores = score_models(models, edges, AS_OF, [30, 90])
    assert scores.columns == [column.name for column in TABLES["disruption_scores"].columns]
    assert scores.height == 2 * 8
    seconds = {model: None if time is None else int(time.timestamp()) for model, time in times.items()}
    for days in (30, 90):
        expected = oracle(edges.rows(), seconds, days * 86_400)
        for row in scores.filter(window_days=days).iter_rows(named=True):
            known = {name: value for name, value in expected[row["model_id"]].items() if name in row}
            assert {name: row[name] for name in known} == pytest.approx(known)


def test_status_and_percentile_in_the_table() -> None:
    models, edges, _ = hub()
    scores = score_models(models, edges, AS_OF, [90])
    assert dict(scores.select("model_id", "status").iter_rows()) == {
        "o/away": "left_censored",
        "o/base": "root",
        "o/f": "scored",
        "o/g": "scored",
        "o/kid": "undefined",
        "o/late": "censored",
        "o/merge": "scored",
        "o/stub": "left_censored",
    }
    ranked = scores.filter(status="scored").select("model_id", "percentile")
    assert dict(ranked.iter_rows()) == pytest.approx({"o/f": 250 / 3, "o/g": 100 / 3, "o/merge": 100 / 3})


def test_the_order_of_the_rows_does_not_matter() -> None:
    models, edges, _ = hub()
    shuffled = score_models(models.reverse(), edges.sample(fraction=1, shuffle=True, seed=1), AS_OF, [90, 30])
    assert shuffled.equals(score_models(models, edges, AS_OF, [30, 90]))


def test_without_the_models_without_a_parent_the_others_have_the_same_scores() -> None:
    models, edges, _ = hub()
    every, derived = (unranked_scores(models, edges, AS_OF, [30, 90], derived_only=only) for only in (False, True))
    assert derived.equals(every.filter(pl.col("n_parents") > 0))
    assert 0 < derived.height < every.height
    assert derived.filter(status="scored").height == every.filter(status="scored").height


def test_the_package_is_cheap_to_import() -> None:
    code = "import sys; from mdi_pipeline.disruption import indices; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

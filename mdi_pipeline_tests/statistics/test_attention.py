"""`attention` and `attention_gaps` against scipy and SQL, and what they say where little is known."""

from __future__ import annotations

import polars as pl
import pytest
from scipy.stats import spearmanr

from mdi_pipeline.statistics.attention import attention, attention_gaps
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.tables.attention import COUNTERS
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.statistics.conftest import Query

Crawl = dict[str, pl.DataFrame]

PERCENTILES = """WITH scored AS (
    SELECT *, date_trunc('quarter', created_at) AS quarter
    FROM scores JOIN models USING (model_id) WHERE status = 'scored' AND window_days = 90),
placed AS (SELECT *, 100 * (rank() OVER (PARTITION BY quarter ORDER BY {counter})
    + count(*) OVER (PARTITION BY quarter, {counter}) / 2 - 1) / count({counter}) OVER (PARTITION BY quarter) AS place
    FROM scored WHERE {counter} IS NOT NULL)
"""


def attention_of(scores: pl.DataFrame, models: pl.DataFrame, n_draws: int) -> pl.DataFrame:
    return attention(scored_models(scores, models, 90, ["model_id", "created_at"]), models, 90, n_draws=n_draws)


def gaps_of(scores: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    return attention_gaps(scored_models(scores, models, 90, ["model_id", "created_at"]), models, 90)


@pytest.fixture(scope="module")
def table(crawl: Crawl) -> pl.DataFrame:
    return attention_of(crawl["disruption_scores"], crawl["models"], 200)


def row(table: pl.DataFrame, counter: str, measure: str, population: str = "scored") -> dict[str, object]:
    return table.filter(population=population, index="mdi", counter=counter, measure=measure).row(0, named=True)


@pytest.mark.parametrize("counter", ["likes", "downloads", "likes_change"])
def test_rank_correlations_are_those_of_scipy(crawl: Crawl, table: pl.DataFrame, counter: str) -> None:
    scored = crawl["disruption_scores"].filter(status="scored").join(crawl["models"], on="model_id")
    found = row(table, counter, "rank_correlation")
    assert found["n"] == scored.height
    assert found["estimate"] == pytest.approx(spearmanr(scored["mdi"], scored[counter]).statistic)
    assert found["low"] < found["estimate"] < found["high"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("measure", "side"), [("disruptive_share_of_noticed", ">= 90"), ("disruptive_share_of_unnoticed", "<= 50")]
)
def test_shares_of_the_noticed_agree_with_sql(
    crawl: Crawl, table: pl.DataFrame, query: Query, measure: str, side: str
) -> None:
    for population, member in (("scored", "true"), ("built_upon", "n_i + n_j > 0")):
        [(share, n)] = query(
            PERCENTILES.format(counter="likes")
            + f"SELECT avg((mdi > 0)::INT), count(*) FROM placed WHERE place {side} AND {member}",
            scores=crawl["disruption_scores"],
            models=crawl["models"],
        )
        found = row(table, "likes", measure, population)
        assert (found["estimate"], found["n"]) == (pytest.approx(share), n)


def test_older_models_are_not_held_against_younger_ones(crawl: Crawl) -> None:
    """Likes that tell nothing but the quarter go with no index within the quarter."""
    quarter = pl.col("created_at").dt.quarter().cast(pl.Int64)
    table = attention_of(crawl["disruption_scores"], crawl["models"].with_columns(likes=quarter), 20)
    found = row(table, "likes", "rank_correlation_within_quarter")
    assert found["estimate"] is None
    assert row(table, "likes", "rank_correlation")["estimate"] is not None


def test_what_is_not_counted_says_so(table: pl.DataFrame) -> None:
    rows = table.filter(counter="downloads_all_time")
    assert rows["n"].sum() == 0
    assert rows["reason"].unique().to_list() == ["the source does not count it"]
    assert table.filter(counter="downloads_all_time_change")["reason"].unique().to_list() == [
        "no earlier crawl with this counter"
    ]
    assert table.filter(counter="likes", population="scored", measure="rank_correlation")["reason"].to_list() == [
        None,
        None,
    ]


def test_gaps_agree_with_sql(crawl: Crawl, query: Query) -> None:
    scores = crawl["disruption_scores"].with_columns(pl.col("n_i", "n_j", "n_k") * 5)
    found = gaps_of(scores, crawl["models"])
    expected = query(
        PERCENTILES.format(counter="likes")
        + """, by_downloads AS (SELECT model_id, 100 * (rank() OVER (PARTITION BY quarter ORDER BY downloads)
            + count(*) OVER (PARTITION BY quarter, downloads) / 2 - 1) / count(*) OVER (PARTITION BY quarter) AS other
            FROM scored),
        known AS (SELECT *, (place + other) / 2 AS attention FROM placed JOIN by_downloads USING (model_id)
            WHERE n_i + n_j + n_k >= 10)
        SELECT 'disruptive_unnoticed', model_id, attention FROM known WHERE mdi > 0 AND attention <= 50
        UNION ALL SELECT 'noticed_not_disruptive', model_id, attention FROM (
            SELECT * FROM known WHERE mdi < 0 AND attention >= 90 ORDER BY attention DESC, mdi, model_id LIMIT 20)
        ORDER BY ALL""",
        scores=scores,
        models=crawl["models"],
    )
    rows = found.select("gap", "model_id", "attention").sort("gap", "model_id").rows()
    assert len(rows) > 3
    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    assert [row[2] for row in rows] == pytest.approx([row[2] for row in expected])


def test_one_follower_makes_no_winner_where_others_have_more(crawl: Crawl) -> None:
    scores = crawl["disruption_scores"]
    for times, minimum in ((1, None), (100, 10)):
        scaled = scores.with_columns(pl.col("n_i", "n_j", "n_k") * times)
        found = gaps_of(scaled, crawl["models"])
        for _, rows in found.group_by("gap"):
            assert rows["minimum"].n_unique() == 1
            asked = rows["minimum"][0]
            assert (rows["n"] >= asked).all()
            assert asked == (minimum or asked)
            assert asked == 10 or rows["n"].max() < {5: 10, 3: 5, 1: 3}[asked]
        assert found["gap"].n_unique() == 2


def test_nothing_scored_gives_rows_with_reasons() -> None:
    nothing = TABLES["disruption_scores"].empty(), TABLES["models"].empty()
    table = attention_of(*nothing, 10)
    assert set(table["counter"]) == set(COUNTERS)
    assert table["reason"].null_count() == 0
    assert table["estimate"].null_count() == table.height
    assert gaps_of(*nothing).is_empty()

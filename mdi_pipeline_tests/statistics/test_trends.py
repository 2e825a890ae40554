from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.statistics.trends import score_trends, trend_tests
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.made_up import AS_OF, START
from mdi_pipeline_tests.statistics.conftest import Query

Crawl = dict[str, pl.DataFrame]


@pytest.mark.parametrize("period", ["quarter", "month"])
def test_shares_by_period_agree_with_sql(crawl: Crawl, query: Query, period: str) -> None:
    scores, models = crawl["disruption_scores"], crawl["models"]
    table = score_trends(scored_models(scores, models, 90, ["created_at"]), AS_OF, 90, n_draws=20)
    expected = query(
        f"""SELECT date_trunc('{period}', created_at AT TIME ZONE 'UTC')::DATE AS start, avg((mdi > 0)::INT), count(*)
        FROM scores JOIN models USING (model_id) WHERE status = 'scored' AND window_days = 90 AND is_llm
        GROUP BY 1 ORDER BY 1""",
        scores=scores,
        models=models,
    )
    found = table.filter(population="scored_llm", index="mdi", measure="share_positive", period=period)
    assert found.filter(pl.col("n") > 0).select("start", "estimate", "n").rows() == [
        (start, pytest.approx(share), n) for start, share, n in expected
    ]


def test_a_period_is_closed_when_its_last_model_s_window_is(crawl: Crawl) -> None:
    table = score_trends(
        scored_models(crawl["disruption_scores"], crawl["models"], 90, ["created_at"]), AS_OF, 90, n_draws=5
    )
    closed = dict(table.filter(period="month").select("start", "closed").unique().iter_rows())
    for start, said in closed.items():
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        assert said == (following + timedelta(days=90) <= AS_OF.date())
    assert set(closed.values()) == {True, False}
    quarters = dict(table.filter(period="quarter").select("start", "closed").unique().iter_rows())
    assert quarters == {date(2026, 1, 1): True, date(2026, 4, 1): True, date(2026, 7, 1): False}


def test_a_quarter_closes_with_the_window_of_its_last_second(crawl: Crawl) -> None:
    moment = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC) + timedelta(days=90)
    for as_of, closed in ((moment, True), (moment - timedelta(seconds=1), False)):
        table = score_trends(
            scored_models(crawl["disruption_scores"], crawl["models"], 90, ["created_at"]), as_of, 90, n_draws=5
        )
        assert table.filter(period="quarter", start=date(2026, 4, 1))["closed"].unique().to_list() == [closed]


def rising(crawl: Crawl, by_quarter: dict[int, float]) -> pl.DataFrame:
    """Scores of which that share is disruptive in each quarter, evenly dealt."""
    scored = crawl["disruption_scores"].join(crawl["models"].select("model_id", "created_at"), on="model_id")
    share = pl.col("created_at").dt.quarter().cast(pl.Int64).replace_strict(by_quarter, return_dtype=pl.Float64)
    place = (pl.int_range(pl.len()) * 0.618033988749895) % 1
    return scored.with_columns(
        mdi=pl.when(pl.col("mdi").is_not_null()).then(pl.when(place < share).then(1.0).otherwise(-1.0))
    )


@pytest.mark.parametrize(
    ("shares", "direction"),
    [({1: 0.2, 2: 0.7, 3: 0.0, 4: 0.0}, "rises"), ({1: 0.8, 2: 0.2, 3: 1.0, 4: 1.0}, "falls")],
)
def test_a_planted_trend_is_found_and_open_quarters_do_not_count(
    crawl: Crawl, shares: dict[int, float], direction: str
) -> None:
    table = trend_tests(scored_models(rising(crawl, shares), crawl["models"], 90, ["created_at"]), AS_OF, 90)
    row = table.filter(population="scored", index="mdi", measure="share_positive").row(0, named=True)
    assert (row["direction"], row["n_quarters"], row["reason"]) == (direction, 2, None)
    assert row["estimate"] == pytest.approx(4 * (shares[2] - shares[1]), abs=0.3)


def test_slope_is_that_of_least_squares(crawl: Crawl, query: Query) -> None:
    scores, models = crawl["disruption_scores"], crawl["models"]
    scored = scored_models(scores, models, 90, ["created_at"])
    row = trend_tests(scored, AS_OF, 90).filter(population="scored", index="mdi", measure="mean")
    closed = scores.filter(status="scored").join(models, on="model_id").filter(pl.col("created_at").dt.quarter() < 3)
    closed = closed.with_columns(year=pl.col("created_at").dt.quarter() / 4)
    [(slope, n)] = query("SELECT regr_slope(mdi, year), count(*) FROM closed", closed=closed)
    assert (row["estimate"].item(), row["n"].item()) == (pytest.approx(slope), n)


def test_without_closed_quarters_it_says_so(crawl: Crawl) -> None:
    early = START + timedelta(days=100)
    table = trend_tests(scored_models(crawl["disruption_scores"], crawl["models"], 90, ["created_at"]), early, 90)
    assert table["direction"].unique().to_list() == ["undecided"]
    assert table["reason"].unique().to_list() == ["0 closed quarters with a model"]
    nothing = scored_models(TABLES["disruption_scores"].empty(), TABLES["models"].empty(), 90, ["created_at"])
    assert score_trends(nothing, early, 90).is_empty()
    assert trend_tests(nothing, early, 90)["n"].sum() == 0

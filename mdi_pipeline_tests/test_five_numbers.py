"""Numbers of the tables, computed again by SQL over the lake: counts, a share, a rank correlation, a slope, a Gini."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline_tests.pipeline import read

LAST = date(2026, 8, 31)
SCORED = """scored AS (
    SELECT * FROM disruption_scores JOIN models USING (crawl_date, model_id)
    WHERE crawl_date = '2026-08-31' AND window_days = 90 AND status = 'scored')"""

Sql = Callable[[str], tuple[float, ...]]


@pytest.fixture
def sql(demo_home: Path) -> Iterator[Sql]:
    """The first row of a query over the home's views."""
    with duckdb.connect(str(Home(demo_home).database), read_only=True) as connection:

        def first(query: str) -> tuple[float, ...]:
            row = connection.execute(query).fetchone()
            assert row is not None
            return row

        yield first


def finding(home: Path, measure: str, population: str) -> dict[str, float]:
    rows = read(home, "findings", LAST).filter(
        pl.col("index").fill_null("mdi") == "mdi",
        pl.col("window_days").fill_null(90) == 90,
        measure=measure,
        population=population,
        phases="default",
    )
    return rows.row(0, named=True)


def test_counts_of_every_model_from_edges_and_times(demo_home: Path, sql: Sql) -> None:
    [differing, counted] = sql(
        """WITH edges AS (SELECT child_id, parent_id, created_at AS born FROM lineage_edges e
                JOIN models m ON m.crawl_date = e.crawl_date AND m.model_id = e.child_id
                WHERE e.crawl_date = '2026-08-31'),
            focal AS (SELECT model_id, created_at AS t FROM models WHERE crawl_date = '2026-08-31'),
            a AS (SELECT DISTINCT model_id AS f, child_id AS c FROM focal JOIN edges ON parent_id = model_id
                WHERE date_trunc('second', born) > date_trunc('second', t)
                AND date_trunc('second', born) <= date_trunc('second', t) + INTERVAL 90 DAY),
            b AS (SELECT DISTINCT model_id AS f, sibling.child_id AS c FROM focal
                JOIN edges AS own ON own.child_id = model_id
                JOIN edges AS sibling ON sibling.parent_id = own.parent_id AND sibling.child_id != model_id
                WHERE date_trunc('second', sibling.born) > date_trunc('second', t)
                AND date_trunc('second', sibling.born) <= date_trunc('second', t) + INTERVAL 90 DAY),
            counts AS (SELECT f, count(*) FILTER (a.c IS NOT NULL AND b.c IS NULL) AS n_i,
                count(*) FILTER (a.c IS NOT NULL AND b.c IS NOT NULL) AS n_j,
                count(*) FILTER (a.c IS NULL) AS n_k
                FROM a FULL JOIN b USING (f, c) GROUP BY f)
        SELECT count(*) FILTER ((s.n_i, s.n_j, s.n_k) IS DISTINCT FROM
                (coalesce(c.n_i, 0), coalesce(c.n_j, 0), coalesce(c.n_k, 0))), count(c.f)
        FROM disruption_scores s LEFT JOIN counts c ON c.f = s.model_id
        WHERE s.crawl_date = '2026-08-31' AND s.window_days = 90"""
    )
    assert differing == 0
    assert counted > 100


def test_share_of_negative_models_built_upon(demo_home: Path, sql: Sql) -> None:
    share, n = sql(
        f"""WITH {SCORED} SELECT avg(((n_i - n_j - n_k) / (n_i + n_j + n_k) < 0)::INT), count(*)
        FROM scored WHERE n_i + n_j > 0"""
    )
    row = read(demo_home, "score_summary", LAST).filter(
        population="built_upon", index="mdi", measure="share_negative", window_days=90
    )
    assert (row["estimate"].item(), row["n"].item()) == (pytest.approx(share), n)
    assert n > 0


def test_rank_correlation_of_index_and_children(demo_home: Path, sql: Sql) -> None:
    correlation, n = sql(
        f"""WITH {SCORED}, children AS (SELECT parent_id AS model_id, count(*) AS n FROM lineage_edges
            WHERE crawl_date = '2026-08-31' GROUP BY 1),
        joined AS (SELECT mdi, coalesce(children.n, 0) AS n FROM scored LEFT JOIN children USING (model_id)),
        ranked AS (SELECT rank() OVER (ORDER BY mdi) + (count(*) OVER (PARTITION BY mdi) - 1) / 2 AS x,
            rank() OVER (ORDER BY n) + (count(*) OVER (PARTITION BY n) - 1) / 2 AS y FROM joined)
        SELECT corr(x, y), count(*) FROM ranked"""
    )
    row = finding(demo_home, "rank_correlation_children", "scored")
    assert (row["estimate"], row["n"]) == (pytest.approx(correlation), n)


def test_slope_of_the_disruptive_share(demo_home: Path, sql: Sql) -> None:
    slope, n = sql(
        f"""WITH {SCORED} SELECT regr_slope((mdi > 0)::INT, year(created_at) + quarter(created_at) / 4), count(*)
        FROM scored
        WHERE date_trunc('quarter', created_at) + INTERVAL 3 MONTH - INTERVAL 1 SECOND + INTERVAL 90 DAY
            <= TIMESTAMP '2026-08-31'"""
    )
    row = finding(demo_home, "share_positive_a_year", "scored")
    assert (row["estimate"], row["n"]) == (pytest.approx(slope), n)


def test_gini_of_children(demo_home: Path, sql: Sql) -> None:
    gini, n = sql(
        """WITH children AS (SELECT model_id, count(child_id) AS n FROM models m
            LEFT JOIN lineage_edges e ON e.crawl_date = m.crawl_date AND e.parent_id = m.model_id
            WHERE m.crawl_date = '2026-08-31' GROUP BY 1),
        placed AS (SELECT n, row_number() OVER (ORDER BY n) AS i, count(*) OVER () AS models FROM children)
        SELECT 2 * sum(i * n) / (any_value(models) * sum(n)) - (any_value(models) + 1) / any_value(models), count(*)
        FROM placed"""
    )
    row = finding(demo_home, "gini_children", "network")
    assert (row["estimate"], row["n"]) == (pytest.approx(gini), n)

"""The measures of `score_summary` and `score_factors` against SQL, and what must hold of any of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mdi_pipeline.statistics.factors import score_factors
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.statistics.summary import score_summary
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.statistics import POPULATIONS
from mdi_pipeline.tables.vocabulary import INDICES

Crawl = dict[str, pl.DataFrame]

POPULATION_SQL = {
    "scored": "true",
    "built_upon": "n_i + n_j > 0",
    "scored_llm": "is_llm",
    "built_upon_llm": "n_i + n_j > 0 AND is_llm",
    "scored_merges": "relation = 'merge'",
    "built_upon_merges": "n_i + n_j > 0 AND relation = 'merge'",
}

LEVEL_SQL = {
    "relation": "coalesce(relation, 'unknown')",
    "size_class": "coalesce(size_class, 'unknown')",
    "task": "CASE WHEN pipeline_tag IN (SELECT pipeline_tag FROM scored WHERE pipeline_tag IS NOT NULL "
    "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 10) THEN pipeline_tag "
    "WHEN pipeline_tag IS NULL THEN 'unknown' ELSE 'other' END",
    "n_parents": "CASE WHEN n_parents >= 4 THEN '4+' ELSE n_parents::VARCHAR END",
    "architecture": "CASE WHEN architecture IN (SELECT architecture FROM scored WHERE architecture IS NOT NULL "
    "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 10) THEN architecture "
    "WHEN architecture IS NULL THEN 'unknown' ELSE 'other' END",
    "benchmarks": "CASE WHEN n_benchmarks > 0 THEN 'reported' ELSE 'none reported' END",
    "author_models": "CASE WHEN author_models_before = 0 THEN 'none' WHEN author_models_before < 10 THEN '1 to 9' "
    "WHEN author_models_before < 100 THEN '10 to 99' WHEN author_models_before < 1000 THEN '100 to 999' "
    "ELSE '1,000 or more' END",
    "author_quantized": "CASE WHEN author_models_before = 0 THEN 'no model before' "
    "WHEN author_quantized_before = 0 THEN 'none quantized' "
    "WHEN author_quantized_before > author_models_before / 2 THEN 'more than half' ELSE 'up to half' END",
}


@pytest.fixture(scope="module")
def sql(crawl: Crawl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder: Path = tmp_path_factory.mktemp("lake")
    with duckdb.connect() as connection:
        for name in ("models", "disruption_scores"):
            crawl[name].write_parquet(folder / f"{name}.parquet")
            connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{folder / name}.parquet')")
        connection.execute(
            "CREATE VIEW scored AS SELECT * FROM disruption_scores JOIN models USING (model_id) "
            "WHERE status = 'scored' AND window_days = 90"
        )
        yield connection


def measures_by_sql(
    sql: duckdb.DuckDBPyConnection, population: str, index: str, level: str
) -> dict[str, dict[str, float | None]]:
    rows = sql.execute(
        f"""SELECT {level} AS level, avg(({index} < 0)::INT), avg(({index} = 0)::INT), avg(({index} > 0)::INT),
            avg({index}), median({index}), avg((n_i + n_j = 0)::INT), count(*),
            count(DISTINCT coalesce(author, 'alone ' || model_id))
            FROM scored WHERE {index} IS NOT NULL AND {POPULATION_SQL[population]} GROUP BY 1"""
    ).fetchall()
    names = ("share_negative", "share_zero", "share_positive", "mean", "median", "share_without_child")
    return {row[0]: {**dict(zip(names, row[1:7], strict=True)), "n": row[7], "n_authors": row[8]} for row in rows}


def assert_same(frame: pl.DataFrame, expected: dict[str, dict[str, float | None]]) -> None:
    for row in frame.iter_rows(named=True):
        want = expected.get(row.get("level", "all"))
        if want is None:
            assert (row["estimate"], row["n"], row["n_authors"]) == (None, 0, 0)
        else:
            assert row["estimate"] == pytest.approx(want[row["measure"]])
            assert (row["n"], row["n_authors"]) == (want["n"], want["n_authors"])


@pytest.mark.parametrize("population", POPULATIONS)
def test_summary_agrees_with_sql(crawl: Crawl, sql: duckdb.DuckDBPyConnection, population: str) -> None:
    summary = score_summary(scored_models(crawl["disruption_scores"], crawl["models"], 90), 90, n_draws=20)
    for index in INDICES:
        rows = summary.filter(pl.col("population") == population, pl.col("index") == index)
        assert rows.height >= 5
        assert_same(rows, measures_by_sql(sql, population, index, "'all'"))


@pytest.mark.parametrize("factor", LEVEL_SQL)
def test_factors_agree_with_sql(crawl: Crawl, sql: duckdb.DuckDBPyConnection, factor: str) -> None:
    factors = score_factors(scored_models(crawl["disruption_scores"], crawl["models"], 90), 90, n_draws=20)
    for population in ("scored", "built_upon", "built_upon_llm"):
        for index in ("mdi", "cd_nok"):
            rows = factors.filter(
                pl.col("population") == population, pl.col("index") == index, pl.col("factor") == factor
            )
            expected = measures_by_sql(sql, population, index, LEVEL_SQL[factor])
            assert set(expected) <= set(rows["level"])
            assert_same(rows, expected)


def test_intervals_by_parents_are_a_bootstrap_over_main_parents(crawl: Crawl) -> None:
    scores, models = crawl["disruption_scores"], crawl["models"]
    summary = score_summary(scored_models(scores, models, 90), 90, n_draws=200)
    owned = models.with_columns(author=pl.when(pl.col("main_parent").is_not_null()).then("main_parent"))
    expected = score_summary(scored_models(scores, owned, 90), 90, n_draws=200)
    shares = pl.col("measure").str.starts_with("share")
    found = summary.filter(shares).select("low_by_parents", "high_by_parents", "n_main_parents")
    same = expected.filter(shares).select(low_by_parents="low", high_by_parents="high", n_main_parents="n_authors")
    assert_frame_equal(found, same)
    assert found["low_by_parents"].drop_nulls().len() > 50
    others = summary.filter(~shares)
    assert others["low_by_parents"].null_count() == others["n_main_parents"].null_count() == others.height


def test_beyond_ten_tasks_is_other(crawl: Crawl) -> None:
    tasks = pl.Series([f"task {min(i % 40, 13):02d}" for i in range(crawl["models"].height)])
    models = crawl["models"].with_columns(tasks.alias("pipeline_tag"))
    factors = score_factors(scored_models(crawl["disruption_scores"], models, 90), 90, n_draws=10)
    levels = factors.filter(pl.col("factor") == "task")["level"].unique()
    assert set(levels) == {*(f"task {number:02d}" for number in _largest(crawl, tasks)), "other"}


def _largest(crawl: Crawl, tasks: pl.Series) -> list[int]:
    """The ten most frequent tasks among the scored models, counted by hand."""
    scored = set(crawl["disruption_scores"].filter(status="scored")["model_id"])
    counts: dict[str, int] = {}
    for model_id, task in zip(crawl["models"]["model_id"], tasks, strict=True):
        counts[task] = counts.get(task, 0) + (model_id in scored)
    return [int(task.split()[1]) for task in sorted(counts, key=lambda task: (-counts[task], task))[:10]]


def test_the_order_of_rows_does_not_matter(crawl: Crawl) -> None:
    scores, models = crawl["disruption_scores"], crawl["models"]
    shuffled = scores.sample(fraction=1, shuffle=True, seed=1), models.sample(fraction=1, shuffle=True, seed=2)
    assert_frame_equal(
        score_factors(scored_models(scores, models, 90), 90, n_draws=50),
        score_factors(scored_models(*shuffled, 90), 90, n_draws=50),
        check_exact=True,
    )


def test_shares_sum_to_one_and_lie_in_their_interval(crawl: Crawl) -> None:
    summary = score_summary(scored_models(crawl["disruption_scores"], crawl["models"], 90), 90)
    shares = summary.filter(pl.col("measure").is_in(["share_negative", "share_zero", "share_positive"]))
    sums = shares.group_by("population", "index").agg(pl.col("estimate").sum(), pl.col("n").first())
    assert sums.filter(pl.col("n") > 0)["estimate"].to_list() == pytest.approx(
        [1] * sums.filter(pl.col("n") > 0).height
    )
    inside = summary.filter(pl.col("low").is_not_null()).select(
        (pl.col("low") <= pl.col("estimate")) & (pl.col("estimate") <= pl.col("high"))
    )
    assert inside.height > 50
    assert inside.to_series().all()


def test_share_without_child_stands_beside_every_headline_and_nowhere_else(crawl: Crawl) -> None:
    summary = score_summary(scored_models(crawl["disruption_scores"], crawl["models"], 90), 90, n_draws=10)
    beside = summary.filter(pl.col("measure") == "share_without_child").select("population", "index")
    populations = ("scored", "scored_llm", "scored_merges")
    assert set(beside.iter_rows()) == {(p, i) for p in populations for i in ("mdi", "cd", "mcd", "di5")}


def test_no_closed_window_gives_rows_without_estimates(crawl: Crawl) -> None:
    for table in (score_summary, score_factors):
        frame = table(scored_models(crawl["disruption_scores"], crawl["models"], 30), 30)
        assert frame.height > 0
        assert frame["n"].sum() == 0
        assert frame["estimate"].null_count() == frame["low"].null_count() == frame.height
    nothing = scored_models(TABLES["disruption_scores"].empty(), TABLES["models"].empty(), 90)
    assert score_summary(nothing, 90)["n"].sum() == 0


def test_a_model_without_author_is_a_draw_of_its_own(crawl: Crawl) -> None:
    models = crawl["models"].with_columns(pl.lit(None, dtype=pl.String).alias("author"))
    summary = score_summary(scored_models(crawl["disruption_scores"], models, 90), 90, n_draws=10)
    assert summary["n_authors"].to_list() == summary["n"].to_list()


def test_one_author_alone_has_no_interval(crawl: Crawl) -> None:
    models = crawl["models"].with_columns(pl.lit("one").alias("author"))
    summary = score_summary(scored_models(crawl["disruption_scores"], models, 90), 90, n_draws=10).filter(
        pl.col("n") > 0
    )
    assert summary["estimate"].null_count() == 0
    assert summary["low"].null_count() == summary["high"].null_count() == summary.height


def test_models_of_one_author_are_not_independent_draws(crawl: Crawl) -> None:
    """Twenty models of like index by each author are fewer draws than the models by themselves."""
    scores = crawl["disruption_scores"].sort("mdi", "model_id")
    blocks = scores.select("model_id", author=pl.format("author {}", pl.int_range(pl.len()) // 20))
    models = crawl["models"].drop("author")
    by_block = _interval_width(scores, models.join(blocks, on="model_id"))
    by_model = _interval_width(scores, models.with_columns(author="model_id"))
    assert by_model < 0.5 * by_block


def _interval_width(scores: pl.DataFrame, models: pl.DataFrame) -> float:
    row = score_summary(scored_models(scores, models, 90), 90).row(
        by_predicate=(pl.col("population") == "scored")
        & (pl.col("index") == "mdi")
        & (pl.col("measure") == "share_negative"),
        named=True,
    )
    return float(row["high"] - row["low"])

"""`window_sensitivity` against scipy and SQL."""

from __future__ import annotations

import polars as pl
import pytest
from scipy.stats import spearmanr

from mdi_pipeline.disruption.scores import score_models
from mdi_pipeline.statistics.windows import window_sensitivity
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.made_up import AS_OF
from mdi_pipeline_tests.statistics.conftest import Query

Crawl = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def scored(crawl: Crawl) -> Crawl:
    scores = score_models(crawl["models"], crawl["lineage_edges"], AS_OF, [30, 60, 90, 180, 365])
    return {**crawl, "disruption_scores": scores}


@pytest.fixture(scope="module")
def sensitivity(scored: Crawl) -> pl.DataFrame:
    return window_sensitivity(scored["disruption_scores"], scored["models"], 90, n_draws=100)


def wide(scored: Crawl) -> pl.DataFrame:
    """The index in each window of the models scored there."""
    counted = scored["disruption_scores"].filter(status="scored")
    return counted.pivot("window_days", index="model_id", values="mdi", aggregate_function="first")


def test_ranks_of_a_window_are_those_of_scipy(scored: Crawl, sensitivity: pl.DataFrame) -> None:
    indices = wide(scored)
    common = indices.drop_nulls(["30", "60", "90", "180"])
    for basis, frame in (("own", indices), ("common", common)):
        both = frame.drop_nulls(["30", "90"])
        row = sensitivity.filter(
            population="scored", index="mdi", window_days=30, basis=basis, measure="rank_correlation"
        ).row(0, named=True)
        assert row["n"] == both.height
        assert row["estimate"] == pytest.approx(spearmanr(both["30"], both["90"]).statistic)
        assert row["low"] < row["estimate"] < row["high"]


def test_common_basis_is_the_same_models_in_every_window(scored: Crawl, sensitivity: pl.DataFrame) -> None:
    common = wide(scored).drop_nulls(["30", "60", "90", "180"])
    shares = sensitivity.filter(population="scored", index="mdi", basis="common", measure="share_positive")
    filled = shares.filter(pl.col("n") > 0)
    assert filled["window_days"].to_list() == [30, 60, 90, 180]
    assert filled["n"].unique().to_list() == [common.height]
    assert filled["estimate"].to_list() == pytest.approx(
        [(common[window] > 0).mean() for window in ("30", "60", "90", "180")]
    )
    built_upon = sensitivity.filter(population="built_upon", index="mdi", basis="common", measure="share_positive")
    assert built_upon.filter(pl.col("n") > 0)["n"].n_unique() == 1


def test_a_window_in_which_nothing_is_scored_has_empty_rows(sensitivity: pl.DataFrame) -> None:
    longest = sensitivity.filter(window_days=365)
    assert longest.height > 0
    assert longest["n"].sum() == 0
    assert longest["estimate"].null_count() == longest.height


def test_overlap_of_the_top_agrees_with_sql(scored: Crawl, query: Query, sensitivity: pl.DataFrame) -> None:
    [(overlap, n)] = query(
        """WITH both_windows AS (
            SELECT w.model_id, w.mdi AS here, w.n_i AS ties, r.mdi AS there, r.n_i AS ties_there
            FROM scores w JOIN scores r USING (model_id)
            WHERE w.window_days = 180 AND r.window_days = 90 AND w.status = 'scored' AND r.status = 'scored'
            AND w.n_i + w.n_j + w.n_k >= 10 AND r.n_i + r.n_j + r.n_k >= 10),
        ranked AS (SELECT row_number() OVER (ORDER BY here DESC, ties DESC, model_id) AS a,
            row_number() OVER (ORDER BY there DESC, ties_there DESC, model_id) AS b,
            least(100, count(*) OVER () // 10) AS k FROM both_windows)
        SELECT avg((a <= k)::INT), count(*) FROM ranked WHERE b <= k""",
        scores=scored["disruption_scores"],
    )
    row = sensitivity.filter(population="scored", index="mdi", window_days=180, basis="own", measure="top_overlap")
    assert row["n"].item() >= 5
    assert (row["estimate"].item(), row["n"].item()) == (pytest.approx(overlap), n)


def test_an_unscored_reference_window_is_no_crash(crawl: Crawl) -> None:
    table = window_sensitivity(crawl["disruption_scores"], crawl["models"], 45, n_draws=10)
    assert table.filter(measure="rank_correlation")["estimate"].null_count() == 2 * 36
    nothing = TABLES["disruption_scores"].empty(), TABLES["models"].empty()
    assert window_sensitivity(*nothing, 90, n_draws=10)["n"].sum() == 0

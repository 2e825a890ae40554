"""`robustness` against networks whose edges are left out by hand."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mdi_pipeline.statistics.robustness import BOT_COPIES, robustness
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.sensitivity import VARIANTS
from mdi_pipeline_tests.made_up import AS_OF, made_up_crawl

Crawl = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def robust(crawl: Crawl) -> pl.DataFrame:
    return robustness(crawl["models"], crawl["lineage_edges"], AS_OF, 90, n_draws=50)


def share(table: pl.DataFrame, variant: str) -> tuple[float, int, int]:
    row = table.filter(population="scored", index="mdi", variant=variant, measure="share_positive").row(0, named=True)
    return row["estimate"], row["n"], row["n_edges"]


def test_variants_are_those_of_the_table(robust: pl.DataFrame) -> None:
    assert sorted(robust["variant"].unique()) == sorted(VARIANTS)


def test_as_it_is_are_the_scores_themselves(crawl: Crawl, robust: pl.DataFrame) -> None:
    mdi = crawl["disruption_scores"].filter(status="scored")["mdi"]
    assert share(robust, "as_it_is") == (pytest.approx((mdi > 0).mean()), mdi.len(), crawl["lineage_edges"].height)


def test_as_many_edges_go_as_is_said(crawl: Crawl, robust: pl.DataFrame) -> None:
    n_edges = crawl["lineage_edges"].height
    largest = (
        crawl["lineage_edges"]
        .join(crawl["models"], left_on="child_id", right_on="model_id")
        .select(pl.coalesce("author", pl.lit("alone ") + pl.col("child_id")))
        .to_series()
        .value_counts()["count"]
        .sort(descending=True)
    )
    for percent in (5, 10, 20):
        assert share(robust, f"random_edges_{percent:02d}")[2] == pytest.approx(n_edges * (1 - percent / 100), abs=1)
        gone = next(
            reached for reached in largest.cum_sum() if reached >= n_edges * percent / 100 or reached == n_edges
        )
        assert share(robust, f"largest_publishers_{percent:02d}")[2] == n_edges - gone


def test_bots_go_with_all_their_edges() -> None:
    crawl = made_up_crawl(300, seed=2)
    root = crawl["models"]["model_id"][0]
    copies = [f"bot/copy-{i:04d}" for i in range(BOT_COPIES)]
    last = crawl["models"].tail(1)
    bots = pl.concat([last] * BOT_COPIES).with_columns(model_id=pl.Series(copies), author=pl.lit("bot"))
    edge = crawl["lineage_edges"].head(1).with_columns(relation=pl.lit("quantized"), parent_id=pl.lit(root))
    edges = pl.concat([edge] * BOT_COPIES).with_columns(child_id=pl.Series(copies))
    with_bots = robustness(
        pl.concat([crawl["models"], bots]), pl.concat([crawl["lineage_edges"], edges]), AS_OF, 90, n_draws=20
    )
    without = robustness(crawl["models"], crawl["lineage_edges"], AS_OF, 90, n_draws=20)
    assert share(with_bots, "as_it_is")[2] == crawl["lineage_edges"].height + BOT_COPIES
    figures = ["population", "index", "measure", "estimate", "n", "n_edges"]
    shares = pl.col("measure").str.starts_with("share")
    assert_frame_equal(
        with_bots.filter(shares, variant="without_bots").select(figures),
        without.filter(shares, variant="as_it_is").select(figures),
    )


def test_nothing_to_score_gives_rows_without_estimates() -> None:
    table = robustness(TABLES["models"].empty(), TABLES["lineage_edges"].empty(), AS_OF, 90, n_draws=10)
    assert set(table["variant"]) == set(VARIANTS)
    assert table["n"].sum() == 0
    assert table["estimate"].null_count() == table.height

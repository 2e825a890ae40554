"""What deletions do to the scores: a crawl beside its union with earlier ones."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mdi_pipeline.history.gone import gone_models
from mdi_pipeline.statistics.robustness import robustness
from mdi_pipeline.statistics.survivorship import ALONE, survivorship
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.made_up import AS_OF

Crawl = dict[str, pl.DataFrame]
FIGURES = ["population", "index", "measure", "estimate", "low", "high", "n", "n_authors", "n_edges"]


@pytest.fixture(scope="module")
def survivors(crawl: Crawl) -> Crawl:
    """What is left of the crawl when each third model was deleted; parents that are gone are known by name only."""
    models, edges = crawl["models"], crawl["lineage_edges"]
    deleted = models.gather_every(3)["model_id"].implode()
    left = edges.filter(~pl.col("child_id").is_in(deleted))
    named = pl.col("model_id").is_in(left["parent_id"].unique().implode())
    is_deleted = pl.col("model_id").is_in(deleted)
    stubs = models.filter(is_deleted & named).select(
        "model_id", "is_llm", "n_children", in_snapshot=pl.lit(value=False)
    )
    kept = pl.concat([models.filter(~is_deleted), stubs], how="diagonal").sort("model_id")
    return {"models": kept, "lineage_edges": left}


def union(crawl: Crawl, survivors: Crawl) -> pl.DataFrame:
    earlier = [(crawl["models"].lazy(), crawl["lineage_edges"].lazy())]
    gone = gone_models(survivors["models"].lazy(), earlier)
    return survivorship(
        survivors["models"], survivors["lineage_edges"], gone.models, gone.edges, 1, AS_OF, 90, n_draws=50
    )


def test_the_union_of_what_is_left_and_what_was_there_is_what_was_there(crawl: Crawl, survivors: Crawl) -> None:
    table = union(crawl, survivors)
    whole = robustness(crawl["models"], crawl["lineage_edges"], AS_OF, 90, n_draws=50)
    shares = pl.col("measure").str.starts_with("share")
    assert_frame_equal(
        table.filter(shares, variant="union_of_crawls").select(FIGURES),
        whole.filter(shares, variant="as_it_is").select(FIGURES),
    )
    assert table["n_gone"].unique().to_list() == [crawl["models"].gather_every(3).height]


def test_the_single_crawl_is_what_is_left(crawl: Crawl, survivors: Crawl) -> None:
    table = union(crawl, survivors).filter(variant="single_crawl")
    alone = robustness(survivors["models"], survivors["lineage_edges"], AS_OF, 90, n_draws=50)
    assert_frame_equal(table.select(FIGURES), alone.filter(variant="as_it_is").select(FIGURES))


def test_ranks_are_compared_over_the_models_of_both(crawl: Crawl, survivors: Crawl) -> None:
    table = union(crawl, survivors).filter(measure="rank_correlation", population="scored", index="mdi")
    row = table.row(0, named=True)
    scored = (
        table.height
        and union(crawl, survivors)
        .filter(variant="single_crawl", measure="share_positive", population="scored", index="mdi")["n"]
        .item()
    )
    assert 0 < row["estimate"] < 1
    assert 0 < row["n"] <= scored


def test_one_crawl_alone_is_undecided(crawl: Crawl) -> None:
    gone = gone_models(crawl["models"].lazy(), [])
    table = survivorship(crawl["models"], crawl["lineage_edges"], *gone, 0, AS_OF, 90, n_draws=10)
    of_union = table.filter(variant="union_of_crawls")
    assert of_union["estimate"].null_count() == of_union.height
    assert of_union["reason"].unique().to_list() == [ALONE]
    shares = table.filter(variant="single_crawl", measure="share_positive", population="scored")
    assert shares["estimate"].null_count() == shares["reason"].drop_nulls().len() == 0


def test_nothing_to_score_gives_rows_with_reasons() -> None:
    models, edges = TABLES["models"].empty(), TABLES["lineage_edges"].empty()
    table = survivorship(models, edges, models, edges, 1, AS_OF, 90, n_draws=10)
    assert table["n"].sum() == 0
    assert table["reason"].null_count() == 0

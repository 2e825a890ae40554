"""Paths that are written like ids are no parents."""

import polars as pl
import pytest

from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline_tests.lineage.crawls import crawl, edges, model


@pytest.mark.parametrize("path", ["outputs/checkpoint-500", "run7/checkpoint-500", "my-exp/final_model", "last/best"])
def test_m9_a_path_that_several_owners_name_is_no_shared_parent(path: str) -> None:
    named = [model(f"owner{number}/x", card_base_models=[path]) for number in range(6)]
    lineage = parse_lineage(crawl(*named))
    assert lineage.edges.is_empty()
    assert lineage.rejected["reason"].to_list() == ["local_path"] * 6


@pytest.mark.parametrize(
    "others",
    [
        [model("Outputs/Checkpoint-500")],
        [model("outputs/another")],
        [model("b/x", base_models=["outputs/checkpoint-500"])],
    ],
    ids=["in the crawl", "owner in the crawl", "resolved by the Hub"],
)
def test_m9_a_model_that_is_known_may_have_the_name_of_a_path(others: list[dict[str, object]]) -> None:
    named = [model(f"owner{number}/x", card_base_models=["outputs/checkpoint-500"]) for number in range(6)]
    lineage = parse_lineage(crawl(*named, *others))
    assert lineage.edges.filter(pl.col("child_id").str.starts_with("owner")).height == 6


def test_m9_a_checkpoint_that_one_owner_names_may_be_a_deleted_model_of_the_owners() -> None:
    named = [model(f"jo/{number}", card_base_models=["jo-lab/checkpoint-500"]) for number in range(2)]
    assert edges(parse_lineage(crawl(*named))) == [
        ("jo/0", "jo-lab/checkpoint-500"),
        ("jo/1", "jo-lab/checkpoint-500"),
    ]
